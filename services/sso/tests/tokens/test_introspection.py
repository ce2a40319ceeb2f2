"""What clients learn of tokens, and which they can end (RFC 7662, RFC 7009; SECURITY 19)."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sso_standins.apps import App, RegisterApp

from common.db import Database
from common.ids import now
from common.testing.fixtures import eventually
from sso.clients.models import PUBLIC
from sso.one_time import sha256
from sso.sessions.models import RefreshToken


async def ask(http: httpx.AsyncClient, auth: Any, token: str, **form: str) -> dict[str, Any]:
    answer = await http.post("/oauth2/introspect", data={"token": token} | form, auth=auth)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told: dict[str, Any] = answer.json()
    return told


async def revoke(app: App, token: str, **form: str) -> httpx.Response:
    own = {} if app.auth else {"client_id": app.id}
    return await app.http.post("/oauth2/revoke", data={"token": token} | own | form, auth=app.auth)


async def test_a_client_learns_of_its_access_token(app: App, account: Any) -> None:
    given = await app.sign_in(account)
    claims = await app.verified(given["access_token"])
    told = await ask(app.http, app.auth, given["access_token"])
    assert told["active"] is True
    assert (told["token_type"], told["client_id"], told["scope"]) == ("Bearer", app.id, given["scope"])
    for name in ("iss", "sub", "aud", "exp", "iat", "jti", "acr", "auth_time"):
        assert told[name] == claims[name]


async def test_a_client_learns_of_its_refresh_token(app: App, account: Any) -> None:
    given = await app.sign_in(account)
    told = await ask(app.http, app.auth, given["refresh_token"])
    assert told.keys() == {"active", "sub", "client_id", "scope", "iat", "exp"}
    assert (told["active"], told["sub"], told["client_id"]) == (True, account.id, app.id)
    later = (await app.refresh(given["refresh_token"])).json()
    assert await ask(app.http, app.auth, given["refresh_token"]) == {"active": False}
    assert (await ask(app.http, app.auth, later["refresh_token"]))["active"]


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "id_token", "whatever"])
async def test_a_hint_that_is_wrong_changes_nothing(app: App, account: Any, hint: str) -> None:
    given = await app.sign_in(account)
    for token in (given["access_token"], given["refresh_token"]):
        assert (await ask(app.http, app.auth, token, token_type_hint=hint))["active"]


# SECURITY 19
async def test_a_token_of_another_client_is_not_active(
    app: App, register_app: RegisterApp, account: Any
) -> None:
    given, other = await app.sign_in(account), await register_app()
    for token in (
        given["access_token"],
        given["refresh_token"],
        account.access_token,
        account.refresh_token,
    ):
        assert await ask(other.http, other.auth, token) == {"active": False}


async def test_a_service_learns_of_the_tokens_that_it_may_be_shown(app: App, account: Any) -> None:
    given = await app.sign_in(account)  # for the api
    told = await ask(app.http, ("api", "secret-of-api"), given["access_token"])
    assert (told["active"], told["sub"]) == (True, account.id)
    assert await ask(app.http, ("account", "secret-of-account"), given["access_token"]) == {"active": False}
    assert await ask(app.http, ("api", "secret-of-api"), given["refresh_token"]) == {"active": False}


# SECURITY 15 and 19
async def test_what_is_no_token_that_works_is_not_active(
    app: App, account: Any, database: Database, client: httpx.AsyncClient
) -> None:
    given, gone = await app.sign_in(account), await app.sign_in(account)
    code = await app.code(account)
    header, body, signature = given["access_token"].split(".")
    async with database.write() as db:
        row = update(RefreshToken).where(RefreshToken.sha256 == sha256(gone["refresh_token"]))
        await db.execute(row.values(expires_at=now() - timedelta(seconds=1)))
    for token in (
        given["id_token"],
        gone["refresh_token"],
        code,
        f"{header}.{body}.{signature[:-8]}",
        f"{header}.{body}.",
        f"{header}.{signature}.{body}",
        "x",
        "..",
        "ü\x00",
        "x" * 20_000,
    ):
        assert await ask(app.http, app.auth, token) == {"active": False}, token[:60]


async def test_tokens_of_a_session_that_has_ended_are_not_active(
    app: App, account: Any, client: httpx.AsyncClient
) -> None:
    given = await app.sign_in(account, scope="openid")
    await client.post("/auth/logout-all", headers=account.headers)
    for token in (given["access_token"], given["refresh_token"]):
        assert await ask(app.http, app.auth, token) == {"active": False}


# SECURITY 19
@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
async def test_whoever_does_not_prove_themselves_learns_and_ends_nothing(
    app: App, native_app: App, account: Any, endpoint: str
) -> None:
    given = await app.sign_in(account)
    proofs: list[tuple[Any, dict[str, str]]] = [
        (None, {}),
        (None, {"client_id": app.id}),
        ((app.id, "wrong"), {}),
        (("nobody", "secret-of-the-app"), {}),
        (None, {"client_id": app.id, "client_secret": "secret-of-the-app"}),
    ]
    if endpoint == "introspect":
        proofs.append((None, {"client_id": native_app.id}))
    for auth, form in proofs:
        data = {"token": given["access_token"]} | form
        answer = await app.http.post(f"/oauth2/{endpoint}", data=data, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), form
        assert answer.headers["www-authenticate"] == 'Basic realm="resumax"'
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    answer = await app.http.post(f"/oauth2/{endpoint}", data={"token": "x"}, headers=bearer)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
async def test_a_request_without_a_token_is_refused(app: App, endpoint: str) -> None:
    for data in ({}, {"token": ""}, {"token": ["a", "b"]}):
        answer = await app.http.post(f"/oauth2/{endpoint}", data=data, auth=app.auth)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), data


async def test_revoking_a_refresh_token_ends_its_session(
    app: App, account: Any, client: httpx.AsyncClient
) -> None:
    given = await app.sign_in(account)
    answer = await revoke(app, given["refresh_token"])
    assert (answer.status_code, answer.json()) == (200, {})
    assert (await app.refresh(given["refresh_token"])).json()["error"] == "invalid_grant"
    assert await ask(app.http, app.auth, given["access_token"]) == {"active": False}
    assert (await revoke(app, given["refresh_token"])).status_code == 200
    trail = (await client.get("/auth/security-events", headers=account.headers)).json()["items"]
    assert "session.ended" in [event["kind"] for event in trail]


async def test_revoking_a_refresh_token_that_was_used_ends_its_session_too(app: App, account: Any) -> None:
    given = await app.sign_in(account)
    later = (await app.refresh(given["refresh_token"])).json()
    await revoke(app, given["refresh_token"])
    assert (await app.refresh(later["refresh_token"])).json()["error"] == "invalid_grant"


async def test_revoking_an_access_token_ends_it_alone(
    app: App, account: Any, client: httpx.AsyncClient
) -> None:
    given, other = await app.sign_in(account), await app.sign_in(account)
    assert (await revoke(app, given["access_token"])).status_code == 200

    async def is_over() -> bool:
        headers = {"Authorization": f"Bearer {given['access_token']}"}
        return (await client.get("/oauth2/userinfo", headers=headers)).status_code == 401

    await eventually(is_over, within=1.0)
    assert await ask(app.http, app.auth, given["access_token"]) == {"active": False}
    assert (await ask(app.http, app.auth, other["access_token"]))["active"]
    assert (await app.refresh(given["refresh_token"])).status_code == 200


# SECURITY 19
async def test_tokens_of_others_are_left_alone_and_nothing_is_said_of_them(
    app: App, register_app: RegisterApp, account: Any, client: httpx.AsyncClient
) -> None:
    given, other = await app.sign_in(account), await register_app()
    tokens = (given["refresh_token"], given["access_token"], given["id_token"], account.refresh_token, "x")
    for token in tokens:
        answer = await revoke(other, token)
        assert (answer.status_code, answer.json()) == (200, {})
    assert (await ask(app.http, app.auth, given["access_token"]))["active"]
    assert (await app.refresh(given["refresh_token"])).status_code == 200
    assert (await client.get("/auth/me", headers=account.headers)).status_code == 200


async def test_a_public_client_revokes_by_its_name(register_app: RegisterApp, account: Any) -> None:
    app = await register_app(kind=PUBLIC)
    given = await app.sign_in(account)
    assert (await revoke(app, given["refresh_token"])).status_code == 200
    assert (await app.refresh(given["refresh_token"])).json()["error"] == "invalid_grant"
