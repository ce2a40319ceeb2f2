import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.ids import new_id
from common.testing.issuer import Issuer

PROFILE = "/account/v1/profile"
Registered = Callable[..., Awaitable[UUID]]


async def test_a_registration_becomes_a_profile_that_its_owner_reads(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered
) -> None:
    user_id = await registered(name="Grace Hopper", locale="pt-BR")
    answer = await client.get(PROFILE, headers=issuer.headers("account", user_id=user_id))
    assert answer.status_code == 200, answer.text
    profile = answer.json()
    assert profile["userId"] == str(user_id)
    assert (profile["name"], profile["locale"], profile["timezone"]) == ("Grace Hopper", "pt-BR", "UTC")
    assert profile["createdAt"].endswith("Z")
    assert answer.headers["etag"] == '"v1"'
    assert answer.headers["cache-control"] == "no-store"


async def test_before_the_registration_arrived_the_profile_is_not_ready(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    headers = issuer.headers("account")
    for answer in (
        await client.get(PROFILE, headers=headers),
        await client.patch(PROFILE, json={"name": "Too early"}, headers=headers),
    ):
        assert answer.status_code == 404
        assert answer.json()["code"] == "PROFILE_NOT_READY"
        assert answer.headers["retry-after"] == "1"


async def test_a_change_is_kept_and_raises_the_version(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered
) -> None:
    headers = issuer.headers("account", user_id=await registered())
    change = {
        "name": "Дарья 🦊 דריה",
        "headline": "Engineer",
        "phone": "+44 20 7946 0000",
        "location": "القاهرة",
        "website": "https://example.org/~ada?x=1",
        "locale": "zh-Hant-TW",
        "timezone": "America/Argentina/Buenos_Aires",
    }
    answer = await client.patch(PROFILE, json=change, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == '"v2"'
    kept = (await client.get(PROFILE, headers=headers)).json()
    assert kept.items() >= change.items()
    assert kept["version"] == 2


async def test_null_empties_a_field_and_leaving_it_out_does_not(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered
) -> None:
    headers = issuer.headers("account", user_id=await registered())
    await client.patch(PROFILE, json={"headline": "Engineer", "location": "London"}, headers=headers)
    answer = await client.patch(PROFILE, json={"headline": None}, headers=headers)
    assert (answer.json()["headline"], answer.json()["location"]) == (None, "London")


async def test_a_change_of_nothing_is_no_new_version(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered
) -> None:
    headers = issuer.headers("account", user_id=await registered())
    for body in ({}, {"name": "Ada Lovelace"}):
        assert (await client.patch(PROFILE, json=body, headers=headers)).headers["etag"] == '"v1"'


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"name": 1}, "$.name"),
        ({"name": None}, "$.name"),
        ({"name": ""}, "$.name"),
        ({"name": "   "}, "$.name"),
        ({"name": "x" * 201}, "$.name"),
        ({"name": "null\x00byte"}, "$.name"),
        ({"name": "a line\n"}, "$.name"),
        ({"headline": "two\nlines"}, "$.headline"),
        ({"phone": "call me"}, "$.phone"),
        ({"location": ["x"]}, "$.location"),
        ({"website": "javascript:alert(1)"}, "$.website"),
        ({"website": "ftp://example.org"}, "$.website"),
        ({"website": "https://"}, "$.website"),
        ({"website": "http://[::1"}, "$.website"),
        ({"website": "https://bank.example@evil.example"}, "$.website"),
        ({"website": "https://example.org:99999"}, "$.website"),
        ({"website": "https://example.org/a b"}, "$.website"),
        ({"website": "https://example.org/" + "x" * 2048}, "$.website"),
        ({"locale": "english please"}, "$.locale"),
        ({"locale": "e"}, "$.locale"),
        ({"timezone": "Mars/Olympus"}, "$.timezone"),
        ({"timezone": "../../etc/passwd"}, "$.timezone"),
        ({"email": "other@example.org"}, "$.email"),
        ({"version": 7}, "$.version"),
    ],
)
async def test_what_no_profile_can_hold_is_refused_by_name_and_nothing_changes(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered, body: dict[str, Any], path: str
) -> None:
    headers = issuer.headers("account", user_id=await registered())
    answer = await client.patch(PROFILE, json={"location": "Paris"} | body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "VALIDATION_FAILED"
    assert answer.json()["errors"][0]["path"] == path
    assert (await client.get(PROFILE, headers=headers)).json()["version"] == 1


async def test_every_mistake_is_named_at_once(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered
) -> None:
    headers = issuer.headers("account", user_id=await registered())
    body = {"website": "nowhere", "timezone": "Nowhere"}
    answer = await client.patch(PROFILE, json=body, headers=headers)
    assert {error["path"] for error in answer.json()["errors"]} == {"$.website", "$.timezone"}


async def test_a_body_of_two_mebibytes_is_refused(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered
) -> None:
    headers = issuer.headers("account", user_id=await registered())
    answer = await client.patch(PROFILE, json={"name": "x" * (2 << 20)}, headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("if_match", ['"v1"', "*", '"v9", "v1"'])
async def test_a_change_for_the_current_version_is_made(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered, if_match: str
) -> None:
    headers = issuer.headers("account", user_id=await registered())
    answer = await client.patch(PROFILE, json={"name": "New"}, headers=headers | {"If-Match": if_match})
    assert answer.status_code == 200


@pytest.mark.parametrize("if_match", ['"v2"', 'W/"v1"', "v1", '""', "nonsense, 1"])
async def test_a_change_for_another_version_is_refused(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered, if_match: str
) -> None:
    headers = issuer.headers("account", user_id=await registered())
    answer = await client.patch(PROFILE, json={"name": "New"}, headers=headers | {"If-Match": if_match})
    assert answer.status_code == 412
    assert answer.json()["code"] == "VERSION_CONFLICT"
    assert (await client.get(PROFILE, headers=headers)).json()["name"] == "Ada Lovelace"


async def test_of_many_changes_to_one_version_exactly_one_wins(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered
) -> None:
    headers = issuer.headers("account", user_id=await registered()) | {"If-Match": '"v1"'}
    answers = await asyncio.gather(
        *(client.patch(PROFILE, json={"name": f"Name {n}"}, headers=headers) for n in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
    winner = next(answer for answer in answers if answer.status_code == 200)
    del headers["If-Match"]
    assert (await client.get(PROFILE, headers=headers)).json() == winner.json()


async def test_who_has_the_current_version_is_not_sent_it_again(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered
) -> None:
    headers = issuer.headers("account", user_id=await registered())
    for known in ('"v1"', 'W/"v1"', '"v0", "v1"', "*"):
        answer = await client.get(PROFILE, headers=headers | {"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"v1"')
    assert (await client.get(PROFILE, headers=headers | {"If-None-Match": '"v2"'})).status_code == 200


async def test_nobody_sees_or_changes_the_profile_of_another(
    client: httpx.AsyncClient, issuer: Issuer, registered: Registered
) -> None:
    owner, other = await registered(), await registered(name="Somebody Else")
    theirs = issuer.headers("account", user_id=other)
    assert (await client.get(PROFILE, headers=theirs)).json()["name"] == "Somebody Else"
    assert (await client.patch(PROFILE, json={"name": "Mallory"}, headers=theirs)).status_code == 200
    mine = await client.get(PROFILE, headers=issuer.headers("account", user_id=owner))
    assert (mine.json()["userId"], mine.json()["name"]) == (str(owner), "Ada Lovelace")
    stranger = issuer.headers("account", user_id=new_id())
    assert (await client.get(PROFILE, headers=stranger)).status_code == 404
