"""What ends an account's access ends it on every service: the SSO, and another one on the same NATS that knows tokens and
API keys as all do."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from litestar import Router, get, post

import sso
import sso.app
from common.api_keys import new_key
from common.auth import authenticated, authenticated_for
from common.dependencies import CurrentUser
from common.limits import limited
from common.service import Service
from common.settings import Secret, ServiceSettings
from common.testing.fixtures import MakeSettings, eventually
from common.testing.processes import Nats
from common.testing.served import served
from sso.settings import Settings

RESUMES, OWN = "/api/v1/resumes", "/api/v1/own"
SCOPES = ["resumes:read"]


@get("/")
async def read_resumes(user: CurrentUser) -> dict[str, str]:
    return {"user": user.subject, "client": user.client_id}


@post("/", status_code=200)
async def write_resumes(user: CurrentUser) -> dict[str, str]:
    return {"user": user.subject}


@get(OWN, middleware=[authenticated])
async def own(user: CurrentUser) -> dict[str, str]:
    return {"user": user.subject}


@pytest_asyncio.fixture(scope="module")
async def api(
    client: httpx.AsyncClient, settings_for: MakeSettings, broker: Nats, settings: Settings
) -> AsyncIterator[httpx.AsyncClient]:
    """A service `api` with nothing of its own but three routes."""
    ours = settings_for(
        ServiceSettings,
        sso.__file__,
        public_url=settings.public_url,
        nats_url=broker.url,
        sso_url=str(client.base_url).rstrip("/"),
        client_secret=Secret("secret-of-api"),
    )
    service = Service("api", ours, package_file=sso.app.__file__)
    resumes = Router(
        RESUMES,
        route_handlers=[read_resumes, write_resumes],
        middleware=[authenticated_for("resumes"), limited],
    )
    async with served(service.app(prefix="/api/v1", description="", routes=[resumes, own])) as api:
        yield api


class Access:
    """An account with what it has been given access by, and where that is asked for."""

    def __init__(
        self, account: Any, key: dict[str, Any], api: httpx.AsyncClient, client: httpx.AsyncClient
    ) -> None:
        self.account, self.key = account, key
        bearer = {"Authorization": f"Bearer {key['key']}"}
        self.by_token = [(api, RESUMES, account.headers), (client, "/auth/me", account.headers)]
        self.by_key = [(api, RESUMES, bearer), (client, "/auth/me", bearer)]

    async def statuses(self, shown: list[tuple[httpx.AsyncClient, str, dict[str, str]]]) -> list[int]:
        return [(await at.get(path, headers=headers)).status_code for at, path, headers in shown]

    async def is_over(self) -> bool:
        return await self.statuses(self.by_token + self.by_key) == [401] * 4

    async def is_whole(self) -> bool:
        # The account's own routes are for nobody's keys.
        return await self.statuses(self.by_token + self.by_key) == [200, 200, 200, 403]


@pytest_asyncio.fixture
async def access(client: httpx.AsyncClient, api: httpx.AsyncClient, account: Any) -> Access:
    body = {"name": "Build", "scopes": SCOPES}
    made = await client.post("/auth/api-keys", json=body, headers=account.headers)
    assert made.status_code == 201, made.text
    found = Access(account, made.json(), api, client)
    assert await found.is_whole()
    return found


Act = Callable[[], Awaitable[httpx.Response]]


@pytest.fixture
def acts(client: httpx.AsyncClient, account: Any, mails: Any, service_headers: Any) -> dict[str, Act]:
    """What ends all access of an account, each by the name that SECURITY 13 has for it."""
    path = f"/internal/users/{account.id}"

    async def disabled() -> httpx.Response:
        return await client.patch(path, json={"status": "suspended"}, headers=await service_headers("admin"))

    async def deactivated() -> httpx.Response:
        headers = await service_headers("account")
        return await client.patch(path, json={"status": "deactivated"}, headers=headers)

    async def deleted() -> httpx.Response:
        return await client.delete(path, headers=await service_headers("account"))

    async def ended_by_staff() -> httpx.Response:
        return await client.delete(f"{path}/sessions", headers=await service_headers("admin"))

    async def logout_all() -> httpx.Response:
        return await client.post("/auth/logout-all", headers=account.headers)

    async def reset() -> httpx.Response:
        await client.post("/auth/password-reset/request", json={"email": account.email})
        link = (await mails.wait_for(account.email, "password-reset")).data["link"]
        token = parse_qs(urlsplit(link).query)["token"][0]
        body = {"token": token, "password": "a staple that nobody knew"}
        return await client.post("/auth/password-reset/confirm", json=body)

    named = (disabled, deactivated, deleted, ended_by_staff, logout_all, reset)
    return {act.__name__: act for act in named}


# SECURITY 13
@pytest.mark.parametrize(
    "how", ["disabled", "deactivated", "deleted", "ended_by_staff", "logout_all", "reset"]
)
async def test_what_ends_an_account_or_all_its_sessions_ends_tokens_and_keys_everywhere_within_a_second(
    client: httpx.AsyncClient, access: Access, acts: dict[str, Act], how: str
) -> None:
    answer = await acts[how]()
    done = time.monotonic()
    assert answer.is_success, answer.text
    await eventually(access.is_over, within=1.0)
    assert time.monotonic() - done < 1.0
    refresh = {"refreshToken": access.account.refresh_token}
    assert (await client.post("/auth/refresh", json=refresh)).status_code == 401
    form = {"grant_type": "urn:resumax:api-key", "api_key": access.key["key"]}
    assert (await client.post("/oauth2/token", data=form)).status_code == 400


# SECURITY 13
async def test_a_key_that_is_ended_is_over_everywhere_within_a_second_and_its_owner_stays(
    client: httpx.AsyncClient, access: Access
) -> None:
    path = f"/auth/api-keys/{access.key['id']}"
    assert (await client.delete(path, headers=access.account.headers)).status_code == 204

    async def is_over() -> bool:
        return await access.statuses(access.by_key) == [401, 401]

    await eventually(is_over, within=1.0)
    assert await access.statuses(access.by_token) == [200, 200]


async def test_signing_out_on_one_device_and_changing_the_password_leave_the_keys(
    client: httpx.AsyncClient, access: Access
) -> None:
    change = {
        "currentPassword": access.account.password,
        "newPassword": "a staple that nobody knew",
        "revokeOthers": True,
    }
    changed = await client.post("/auth/password/change", json=change, headers=access.account.headers)
    assert changed.status_code == 204, changed.text
    assert (await client.post("/auth/logout", headers=access.account.headers)).status_code == 204

    async def is_out() -> bool:
        return await access.statuses(access.by_token) == [401, 401]

    await eventually(is_out, within=1.0)
    assert await access.statuses(access.by_key) == [200, 403]


# SECURITY 22
async def test_a_key_reaches_on_another_service_what_its_scopes_say(
    client: httpx.AsyncClient, api: httpx.AsyncClient, access: Access, make_other_key: Any
) -> None:
    bearer = access.by_key[0][2]
    read = await api.get(RESUMES, headers=bearer)
    assert read.json() == {"user": access.account.id, "client": "api-key"}
    elsewhere = await make_other_key(access.account, ["account:write", "render:write"])
    refusals = [
        (await api.post(RESUMES, headers=bearer), "resumes:write"),
        (await api.get(OWN, headers=bearer), "platform"),
        (await api.get(RESUMES, headers=elsewhere), "resumes:read"),
        (await client.get("/auth/sessions", headers=bearer), "platform"),
    ]
    for answer, missing in refusals:
        assert (answer.status_code, answer.json()["code"]) == (403, "INSUFFICIENT_SCOPE")
        assert f'scope="{missing}"' in answer.headers["www-authenticate"]


# SECURITY 22
async def test_keys_that_nobody_made_and_tokens_of_keys_for_others_are_refused(
    client: httpx.AsyncClient, api: httpx.AsyncClient, access: Access
) -> None:
    made_up = {"Authorization": f"Bearer {new_key()}"}
    assert (await api.get(RESUMES, headers=made_up)).status_code == 401
    form = {"grant_type": "urn:resumax:api-key", "api_key": access.key["key"]}
    for audience, status in (("api", 200), ("sso", 401)):
        given = await client.post("/oauth2/token", data=form | {"audience": audience})
        headers = {"Authorization": f"Bearer {given.json()['access_token']}"}
        assert (await api.get(RESUMES, headers=headers)).status_code == status


async def test_its_owner_sees_when_a_key_was_used_on_another_service(
    client: httpx.AsyncClient, access: Access
) -> None:
    (item,) = (await client.get("/auth/api-keys", headers=access.account.headers)).json()["items"]
    assert item["lastUsedAt"] is not None


@pytest.fixture
def make_other_key(client: httpx.AsyncClient) -> Callable[..., Awaitable[dict[str, str]]]:
    async def make(account: Any, scopes: list[str]) -> dict[str, str]:
        body = {"name": "Another", "scopes": scopes}
        made = await client.post("/auth/api-keys", json=body, headers=account.headers)
        return {"Authorization": f"Bearer {made.json()['key']}"}

    return make
