"""The authorization code flow with PKCE, and codes that are used as they should not be (SECURITY 18)."""

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update
from sso_standins.apps import App, RegisterApp, answered, cookie, s256

from common.db import Database
from common.ids import now
from common.sealing import MasterKey
from sso import upkeep
from sso.authorizations.models import AuthorizationCode
from sso.clients.models import PUBLIC
from sso.keys.vault import Vault
from sso.one_time import sha256
from sso.sessions.models import Session
from sso.settings import Settings

ID_TOKEN = {
    "iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "acr", "amr", "sid", "at_hash", "nonce",
}  # fmt: skip


async def sessions_of(database: Database, app: App) -> list[Session]:
    async with database.read() as db:
        return list(await db.scalars(select(Session).where(Session.client_id == app.id)))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def test_an_app_gets_tokens_for_a_code(app: App, account: Any) -> None:
    told = answered(await app.authorize(account))
    assert told.keys() == {"code", "state", "iss"}
    assert (told["state"], told["iss"]) == ("the-state", "https://resumax.test")
    answer = await app.redeem(told["code"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()
    assert given.keys() == {"access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token"}
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
    access = await app.verified(given["access_token"])
    assert (access["sub"], access["client_id"]) == (account.id, app.id)
    assert (access["aud"], access["scope"], access["roles"]) == (["sso", "api"], given["scope"], [])


async def test_the_id_token_tells_who_signed_in_when_and_how(
    app: App, account: Any, database: Database
) -> None:
    given = await app.sign_in(account)
    claims = await app.verified(given["id_token"])
    assert claims.keys() == ID_TOKEN
    assert (claims["iss"], claims["aud"], claims["azp"]) == ("https://resumax.test", app.id, app.id)
    assert (claims["sub"], claims["nonce"], claims["amr"]) == (account.id, "the-nonce", ["pwd"])
    assert claims["acr"] == "urn:resumax:acr:single-factor"
    assert abs(claims["auth_time"] - time.time()) < 60
    (session,) = await sessions_of(database, app)
    assert claims["sid"] == str(session.id)
    without = await app.sign_in(account, nonce=None)
    assert (await app.verified(without["id_token"])).keys() == ID_TOKEN - {"nonce"}


async def test_without_openid_there_is_no_id_token(app: App, account: Any) -> None:
    given = await app.sign_in(account, scope="resumes:read")
    assert "id_token" not in given
    assert (await app.verified(given["access_token"]))["aud"] == ["sso", "api"]


async def test_an_app_that_may_not_refresh_gets_no_refresh_token(
    register_app: RegisterApp, account: Any
) -> None:
    app = await register_app(grant_types=["authorization_code"])
    assert "refresh_token" not in await app.sign_in(account)


async def test_an_apps_session_comes_from_the_browsers_and_shows_its_device(
    app: App, account: Any, database: Database, client: httpx.AsyncClient
) -> None:
    await app.sign_in(account)
    (session,) = await sessions_of(database, app)
    async with database.read() as db:
        browser = await db.scalar(select(Session).where(Session.id == session.parent_id))
    assert browser is not None
    assert (session.user_id, session.is_offline) == (UUID(account.id), True)
    assert (session.user_agent, session.authenticated_at) == (browser.user_agent, browser.authenticated_at)


async def test_an_apps_session_ends_with_the_browsers_unless_it_has_offline_access(
    app: App, account: Any, client: httpx.AsyncClient
) -> None:
    ends = await app.sign_in(account, scope="openid")
    goes_on = await app.sign_in(account, scope="openid offline_access")
    await client.post("/auth/logout", headers=account.headers)
    assert refusal(await app.refresh(ends["refresh_token"])) == (400, "invalid_grant")
    assert (await app.refresh(goes_on["refresh_token"])).status_code == 200


# SECURITY 18
async def test_of_twenty_redemptions_at_once_one_gets_tokens_and_they_end_at_once(
    app: App, account: Any, database: Database
) -> None:
    code = await app.code(account)
    answers = await asyncio.gather(*(app.redeem(code) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert {refusal(answer) for answer in answers if answer.status_code == 400} == {(400, "invalid_grant")}
    (session,) = await sessions_of(database, app)
    assert session.end_reason == "code_reused"


# SECURITY 18
async def test_a_second_use_of_a_code_ends_what_the_first_gave(
    app: App, account: Any, client: httpx.AsyncClient
) -> None:
    code = await app.code(account)
    given = (await app.redeem(code)).json()
    assert refusal(await app.redeem(code)) == (400, "invalid_grant")
    assert refusal(await app.refresh(given["refresh_token"])) == (400, "invalid_grant")
    trail = (await client.get("/auth/security-events", headers=account.headers)).json()["items"]
    assert "authorization_code.reused" in [event["kind"] for event in trail]


async def test_a_second_use_with_a_wrong_verifier_ends_it_too(app: App, account: Any) -> None:
    code = await app.code(account)
    given = (await app.redeem(code)).json()
    assert refusal(await app.redeem(code, code_verifier="x" * 43)) == (400, "invalid_grant")
    assert refusal(await app.refresh(given["refresh_token"])) == (400, "invalid_grant")


# SECURITY 18
async def test_a_code_lives_for_a_minute(app: App, account: Any, database: Database) -> None:
    code = await app.code(account)
    async with database.write() as db:
        row = AuthorizationCode.sha256 == sha256(code)
        found = await db.scalar(select(AuthorizationCode).where(row))
        assert found is not None
        assert found.expires_at - found.created_at == timedelta(seconds=60)
        await db.execute(update(AuthorizationCode).where(row).values(expires_at=now() - timedelta(seconds=1)))
    assert refusal(await app.redeem(code)) == (400, "invalid_grant")


async def test_codes_are_stored_as_hashes(app: App, account: Any, database: Database) -> None:
    code = await app.code(account)
    assert len(code) == 43
    async with database.read() as db:
        rows = await db.scalars(select(AuthorizationCode).where(AuthorizationCode.client_id == app.id))
        assert code not in repr([vars(row) for row in rows])


# SECURITY 18
async def test_a_code_is_good_for_its_client_alone(app: App, register_app: RegisterApp, account: Any) -> None:
    thief, code = await register_app(), await app.code(account)
    thief.verifier = app.verifier
    assert refusal(await thief.redeem(code)) == (400, "invalid_grant")
    assert (await app.redeem(code)).status_code == 200
    # Nor can another client end what it gave.
    assert refusal(await thief.redeem(code)) == (400, "invalid_grant")


# SECURITY 18
@pytest.mark.parametrize(
    "redirect_uri",
    [None, "", "https://app.test/callback/", "https://app.test/Callback", "https://app.test/other"],
)
async def test_a_code_is_good_with_its_redirect_uri_alone(
    register_app: RegisterApp, account: Any, redirect_uri: str | None
) -> None:
    app = await register_app(redirect_uris=["https://app.test/callback", "https://app.test/other"])
    code = await app.code(account)
    assert refusal(await app.redeem(code, redirect_uri=redirect_uri)) == (400, "invalid_grant")
    assert refusal(await app.redeem(code)) == (400, "invalid_grant"), "it was used up"


async def test_at_a_native_app_the_port_is_part_of_what_a_code_is_bound_to(
    native_app: App, account: Any
) -> None:
    native_app.redirect_uri = "http://127.0.0.1:51004/callback"
    code = await native_app.code(account)
    other = await native_app.redeem(code, redirect_uri="http://127.0.0.1:51005/callback")
    assert refusal(other) == (400, "invalid_grant")
    assert (await native_app.sign_in(account))["token_type"] == "Bearer"


# SECURITY 18
@pytest.mark.parametrize(
    ("verifier", "error"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        ("short", "invalid_request"),
        ("x" * 129, "invalid_request"),
        ("ü" * 43, "invalid_request"),
        ("x" * 42 + " ", "invalid_request"),
        ("x" * 43, "invalid_grant"),
        ("the challenge", "invalid_grant"),
        ("the verifier and a newline", "invalid_grant"),
        ("the verifier in lower case", "invalid_grant"),
    ],
)
async def test_a_code_is_good_with_its_verifier_alone(
    app: App, account: Any, verifier: str | None, error: str
) -> None:
    wrong = {
        "the challenge": s256(app.verifier),
        "the verifier and a newline": f"{app.verifier}\n",
        "the verifier in lower case": app.verifier.lower(),
    }
    code = await app.code(account)
    answer = await app.redeem(code, code_verifier=wrong.get(verifier or "", verifier))
    assert refusal(answer) == (400, error)
    assert refusal(await app.redeem(code)) == (400, "invalid_grant"), "it was used up"


@pytest.mark.parametrize("code", [None, "", "x", "x" * 43, "x" * 5000, "ü\x00", "a b"])
async def test_what_is_no_code_is_refused(app: App, code: str | None) -> None:
    error = "invalid_grant" if code else "invalid_request"
    assert refusal(await app.redeem("", code=code)) == (400, error)


async def test_a_code_dies_with_the_session_that_it_was_granted_in(
    app: App, account: Any, client: httpx.AsyncClient
) -> None:
    code = await app.code(account)
    await client.post("/auth/logout", headers=account.headers)
    assert refusal(await app.redeem(code)) == (400, "invalid_grant")


async def test_a_code_dies_with_the_account(
    app: App, account: Any, client: httpx.AsyncClient, service_headers: Any
) -> None:
    code = await app.code(account)
    await client.patch(
        f"/internal/users/{account.id}", json={"status": "suspended"}, headers=await service_headers()
    )
    assert refusal(await app.redeem(code)) == (400, "invalid_grant")


async def test_a_client_that_is_not_registered_for_codes_gets_none(
    register_app: RegisterApp, account: Any
) -> None:
    app = await register_app(grant_types=["refresh_token"])
    assert answered(await app.authorize(account))["error"] == "unauthorized_client"
    assert refusal(await app.redeem("x" * 43)) == (400, "unauthorized_client")


async def test_a_public_client_needs_nothing_but_its_verifier(native_app: App, account: Any) -> None:
    given = await native_app.sign_in(account)
    assert (await native_app.verified(given["id_token"]))["aud"] == native_app.id


async def test_a_client_of_our_own_may_have_the_platforms_scope(
    register_app: RegisterApp, account: Any, client: httpx.AsyncClient
) -> None:
    ours = await register_app(kind=PUBLIC, scopes=["openid", "platform"])
    given = await ours.sign_in(account, scope="openid platform")
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    assert (await client.get("/auth/me", headers=headers)).json()["id"] == account.id


async def test_an_app_without_the_platforms_scope_cannot_touch_the_account(
    app: App, account: Any, client: httpx.AsyncClient
) -> None:
    given = await app.sign_in(account)
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    refused = await client.patch("/auth/me", json={"name": "Eve"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "INSUFFICIENT_SCOPE")


async def test_tokens_and_codes_reach_no_log_line(
    app: App, account: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    code = await app.code(account)
    given = (await app.redeem(code)).json()
    later = (await app.refresh(given["refresh_token"])).json()
    await app.redeem(code)
    logged = "".join(capfd.readouterr())
    assert "token_issued" in logged
    secrets = [code, app.verifier, given["refresh_token"], later["refresh_token"], account.email]
    secrets += [given["access_token"], given["id_token"], "secret-of-the-app"]
    assert [secret for secret in secrets if secret in logged] == []


async def test_whose_cookie_has_ended_is_asked_to_sign_in(
    app: App, account: Any, client: httpx.AsyncClient
) -> None:
    await client.post("/auth/logout", headers=account.headers)
    answer = await client.get("/oauth2/authorize", params=app.asks(), headers=cookie(account))
    assert answer.headers["location"].startswith("/auth/ui/login?continue=")


# SECURITY 18
async def test_a_second_use_ends_what_the_first_gave_long_after_the_code_has_expired(
    app: App, account: Any, database: Database, settings: Settings
) -> None:
    code = await app.code(account)
    given = (await app.redeem(code)).json()
    vault = Vault(MasterKey(settings.key_encryption_key))
    async with database.write() as db:
        row = update(AuthorizationCode).where(AuthorizationCode.sha256 == sha256(code))
        await db.execute(row.values(expires_at=now() - timedelta(hours=23)))
    await upkeep.once(database, vault, at=now())
    assert refusal(await app.redeem(code)) == (400, "invalid_grant")
    assert refusal(await app.refresh(given["refresh_token"])) == (400, "invalid_grant")
    async with database.write() as db:
        await db.execute(row.values(expires_at=now() - timedelta(hours=25)))
    await upkeep.once(database, vault, at=now())
    async with database.read() as db:
        assert (
            await db.scalar(select(AuthorizationCode.id).where(AuthorizationCode.sha256 == sha256(code)))
            is None
        )
