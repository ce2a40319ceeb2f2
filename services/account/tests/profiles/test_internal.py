import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest

from common.ids import new_id
from common.testing.issuer import Issuer

PROFILE = "/account/v1/profile"
Registered = Callable[..., Awaitable[UUID]]


async def test_telling_twice_keeps_what_the_owner_edited_in_between(
    client: httpx.AsyncClient, issuer: Issuer, from_sso: dict[str, str]
) -> None:
    user_id = new_id()
    told = {"email": "ada@example.org", "name": "Ada", "locale": "en"}
    assert (await client.put(_path(user_id), json=told, headers=from_sso)).status_code == 204
    owner = issuer.headers("account", user_id=user_id)
    edit = {"name": "Ada Lovelace", "locale": "de", "timezone": "Europe/London"}
    edited = (await client.patch(PROFILE, json=edit, headers=owner)).json()
    assert (await client.put(_path(user_id), json=told, headers=from_sso)).status_code == 204
    assert (await client.get(PROFILE, headers=owner)).json() == edited


async def test_the_address_follows_the_sso(
    client: httpx.AsyncClient, from_sso: dict[str, str], registered: Registered
) -> None:
    user_id = await registered()
    moved = {"email": "moved@example.org", "name": "Ignored"}
    await client.put(_path(user_id), json=moved, headers=from_sso)
    profile = (await client.get(_path(user_id), headers=from_sso)).json()
    assert (profile["email"], profile["name"], profile["version"]) == ("moved@example.org", "Ada Lovelace", 2)


async def test_twenty_tellings_at_once_make_one_profile(
    client: httpx.AsyncClient, from_sso: dict[str, str]
) -> None:
    user_id = new_id()
    told = {"email": "ada@example.org", "name": "Ada"}
    answers = await asyncio.gather(
        *(client.put(_path(user_id), json=told, headers=from_sso) for _ in range(20))
    )
    assert {answer.status_code for answer in answers} == {204}
    assert (await client.get(_path(user_id), headers=from_sso)).json()["version"] == 1


async def test_other_services_read_profiles_and_cannot_make_them(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered
) -> None:
    api = {"Authorization": f"Bearer {issuer.service_token('account', client_id='api')}"}
    user_id = await registered()
    assert (await client.get(_path(user_id), headers=api)).json()["userId"] == str(user_id)
    refused = await client.put(_path(new_id()), json={"email": "a@example.org", "name": "A"}, headers=api)
    assert refused.status_code == 403
    assert "sso" in refused.json()["detail"]


async def test_an_unknown_user_has_no_profile(client: httpx.AsyncClient, from_sso: dict[str, str]) -> None:
    answer = await client.get(_path(new_id()), headers=from_sso)
    assert (answer.status_code, answer.json()["code"]) == (404, "PROFILE_NOT_READY")


@pytest.mark.parametrize("body", [b"{}", b'{"email": 1, "name": "x"}', b"[]", b"{", b""])
async def test_a_telling_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, from_sso: dict[str, str], body: bytes
) -> None:
    answer = await client.put(_path(new_id()), content=body, headers=from_sso)
    assert answer.status_code == 400, answer.text


def _path(user_id: UUID) -> str:
    return f"/internal/profiles/{user_id}"
