"""The apps that one has let in: listed, and put out again."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from sso_standins.apps import SCOPE, App, RegisterApp

from common.db import Database
from common.testing.fixtures import eventually
from sso.callers import Caller
from sso.clients.models import OAuthClient
from sso.consents import service
from sso.users.models import User

CALLER = Caller(ip="192.0.2.1", user_agent="tests")


async def let_in(database: Database, account: Any, app: App, *scopes: str) -> None:
    async with database.write() as db:
        user, client = await db.get_one(User, UUID(account.id)), await db.get_one(OAuthClient, app.id)
        await service.grant(db, user, client, scopes=scopes, caller=CALLER)


async def listed(client: httpx.AsyncClient, account: Any) -> list[dict[str, Any]]:
    answer = await client.get("/auth/consents", headers=account.headers)
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_people_see_which_apps_they_have_let_in(
    client: httpx.AsyncClient, register_app: RegisterApp, account: Any, database: Database
) -> None:
    app = await register_app(name="Career board", is_first_party=False, home_uri="https://board.test/")
    await let_in(database, account, app, "openid", "resumes:read")
    (one,) = await listed(client, account)
    assert one["clientId"] == app.id
    assert (one["name"], one["homeUri"]) == ("Career board", "https://board.test/")
    assert one["scopes"] == ["openid", "resumes:read"]


# SECURITY 13
async def test_an_app_that_is_put_out_can_do_nothing_any_more(
    client: httpx.AsyncClient, register_app: RegisterApp, account: Any, database: Database
) -> None:
    app, other = await register_app(is_first_party=False), await register_app(is_first_party=False)
    for one in (app, other):
        await let_in(database, account, one, *SCOPE.split())
    given, kept = await app.sign_in(account), await other.sign_in(account)
    code = await app.code(account)
    gone = await client.delete(f"/auth/consents/{app.id}", headers=account.headers)
    assert gone.status_code == 204
    assert (await app.refresh(given["refresh_token"])).status_code == 400
    assert (await app.redeem(code)).status_code == 400
    asked_again = await app.authorize(account)
    assert asked_again.headers["location"].startswith("/auth/ui/consent")

    async def is_refused() -> bool:
        headers = {"Authorization": f"Bearer {given['access_token']}"}
        return (await client.get("/oauth2/userinfo", headers=headers)).status_code == 401

    await eventually(is_refused, within=1.0)
    assert (await other.refresh(kept["refresh_token"])).status_code == 200
    assert [one["clientId"] for one in await listed(client, account)] == [other.id]
    assert (await client.get("/auth/me", headers=account.headers)).status_code == 200


# SECURITY 22
async def test_other_peoples_consents_are_neither_seen_nor_withdrawn(
    client: httpx.AsyncClient, register_app: RegisterApp, account: Any, register: Any, database: Database
) -> None:
    app, other = await register_app(is_first_party=False), await register()
    await let_in(database, account, app, "openid")
    assert await listed(client, other) == []
    refused = await client.delete(f"/auth/consents/{app.id}", headers=other.headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "CONSENT_NOT_FOUND")
    assert len(await listed(client, account)) == 1


@pytest.mark.parametrize(("method", "path"), [("GET", "/auth/consents"), ("DELETE", "/auth/consents/x")])
async def test_consents_are_for_their_owner_on_our_own_front_ends_alone(
    client: httpx.AsyncClient, app: App, account: Any, service_headers: Any, method: str, path: str
) -> None:
    assert (await client.request(method, path)).status_code == 401
    given = await app.sign_in(account)
    by_app = {"Authorization": f"Bearer {given['access_token']}"}
    for headers in (by_app, await service_headers()):
        assert (await client.request(method, path, headers=headers)).status_code == 403
