"""`/oauth2/clients`: what staff register, and who may not."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select, update

import sso.app
from common.db import Database
from common.ids import new_id
from common.settings import SettingsError
from common.testing.fixtures import eventually
from common.testing.served import served
from sso.authorizations import codes
from sso.authorizations.models import AuthorizationCode
from sso.callers import Caller
from sso.clients.models import OAuthClient
from sso.clients.schemas import FirstPartyClient
from sso.impersonations.service import SUPPORT_CLIENT
from sso.security_events.models import SecurityEvent
from sso.sessions import service as sessions
from sso.sessions.browsers import Browser
from sso.sessions.models import PLATFORM_CLIENT, Session
from sso.sessions.service import Grant
from sso.settings import OUR_CLIENTS, Settings
from sso.users.models import User

CALLER = Caller(ip="192.0.2.1", user_agent="tests")
CLIENT: dict[str, Any] = {
    "name": "Career board",
    "kind": "confidential",
    "redirectUris": ["https://board.example.org/callback"],
    "scopes": ["openid", "resumes:read"],
}
ROUTES = [
    ("GET", "/oauth2/clients"),
    ("POST", "/oauth2/clients"),
    ("GET", "/oauth2/clients/{id}"),
    ("PATCH", "/oauth2/clients/{id}"),
    ("DELETE", "/oauth2/clients/{id}"),
    ("POST", "/oauth2/clients/{id}/secret"),
]


BELOW_02 = base64.urlsafe_b64encode(b"02").decode().rstrip("=")
"""A cursor before the newest of those that staff registered, whose ids are UUIDs of this age."""
BELOW_API = base64.urlsafe_b64encode(b"api!").decode().rstrip("=")


async def registered(client: httpx.AsyncClient, keeper: dict[str, str], **fields: Any) -> dict[str, Any]:
    answer = await client.post("/oauth2/clients", json=CLIENT | fields, headers=keeper)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def start_session(database: Database, account: Any, client_id: str, scope: str) -> UUID:
    async with database.write() as db:
        user = await db.get_one(User, UUID(account.id))
        started = await sessions.start(db, user, caller=CALLER, grant=Grant(client_id=client_id, scope=scope))
    return started.session.id


async def has_ended(database: Database, session_id: UUID) -> bool:
    async with database.read() as db:
        return (await db.get_one(Session, session_id)).ended_at is not None


async def test_a_client_is_registered_and_its_secret_shown_once(
    client: httpx.AsyncClient, keeper: dict[str, str], database: Database
) -> None:
    made = await registered(client, keeper, homeUri="https://board.example.org/")
    secret, described = made["clientSecret"], made["client"]
    assert len(base64.urlsafe_b64decode(secret + "==")) >= 32
    assert described["authMethod"] == "client_secret_basic"
    assert described["grantTypes"] == ["authorization_code", "refresh_token"]
    read = await client.get(f"/oauth2/clients/{described['id']}", headers=keeper)
    assert read.json() == described
    listed = (await client.get(f"/oauth2/clients?limit=1&cursor={BELOW_02}", headers=keeper)).json()["items"]
    assert listed == [described]
    assert secret not in read.text
    async with database.read() as db:
        row = await db.get_one(OAuthClient, described["id"])
        assert row.secret_sha256 == hashlib.sha256(secret.encode()).digest()


async def test_a_new_secret_ends_the_old_one(
    client: httpx.AsyncClient, keeper: dict[str, str], database: Database
) -> None:
    made = await registered(client, keeper)
    path = f"/oauth2/clients/{made['client']['id']}"
    renewed = await client.post(f"{path}/secret", headers=keeper)
    assert renewed.status_code == 201
    assert renewed.json()["clientSecret"] != made["clientSecret"]
    async with database.read() as db:
        row = await db.get_one(OAuthClient, made["client"]["id"])
        assert row.secret_sha256 == hashlib.sha256(renewed.json()["clientSecret"].encode()).digest()
    public = await registered(client, keeper, kind="public")
    assert "clientSecret" not in public
    refused = await client.post(f"/oauth2/clients/{public['client']['id']}/secret", headers=keeper)
    assert (refused.status_code, refused.json()["code"]) == (409, "CLIENT_WITHOUT_SECRET")


KEYS = {"keys": [dict(RSAKey.generate_key(2048).as_dict(private=False))]}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"redirectUris": ["https://board.example.org/*"]}, "$.redirectUris[0]"),
    ({"redirectUris": ["https://board.example.org/", "javascript:alert(1)"]}, "$.redirectUris[1]"),
    ({"redirectUris": ["com.example.board:/callback"]}, "$.redirectUris[0]"),
    ({"redirectUris": ["https://board.example.org/"] * 2}, "$.redirectUris"),
    ({"redirectUris": []}, "$.redirectUris"),
    ({"redirectUris": [f"https://board.example.org/{n}" for n in range(21)]}, "$.redirectUris"),
    ({"postLogoutRedirectUris": ["https://board.example.org/../"]}, "$.postLogoutRedirectUris[0]"),
    ({"backchannelLogoutUri": "http://board.example.org/logout"}, "$.backchannelLogoutUri"),
    ({"homeUri": "data:text/html,x"}, "$.homeUri"),
    ({"grantTypes": ["password"]}, "$.grantTypes[0]"),
    ({"grantTypes": ["implicit"]}, "$.grantTypes[0]"),
    ({"grantTypes": ["refresh_token"], "redirectUris": []}, "$.grantTypes"),
    ({"grantTypes": ["authorization_code"] * 2}, "$.grantTypes"),
    ({"grantTypes": ["client_credentials"]}, "$.redirectUris"),
    ({"kind": "public", "grantTypes": ["authorization_code", "client_credentials"]}, "$.grantTypes"),
    ({"scopes": ["openid", "everything"]}, "$.scopes[1]"),
    ({"scopes": ["internal"]}, "$.scopes[0]"),
    ({"scopes": ["platform"]}, "$.scopes[0]"),
    ({"scopes": ["openid", "openid"]}, "$.scopes"),
    ({"kind": "service"}, "$.kind"),
    ({"kind": "public", "authMethod": "client_secret_basic"}, "$.authMethod"),
    ({"authMethod": "none"}, "$.authMethod"),
    ({"authMethod": "private_key_jwt"}, "$.jwks"),
    ({"jwks": KEYS}, "$.jwks"),
    ({"authMethod": "private_key_jwt", "jwks": {"keys": []}}, "$.jwks"),
    ({"name": ""}, "$.name"),
    ({"name": "x" * 101}, "$.name"),
    ({"name": "a\nb"}, "$.name"),
    ({"id": "mine"}, "$.id"),
    ({"clientSecret": "mine"}, "$.clientSecret"),
]


@pytest.mark.parametrize(
    ("fields", "path"), REFUSED, ids=[f"{path} {fields}"[:60] for fields, path in REFUSED]
)
async def test_a_client_that_cannot_be_so_is_refused_with_the_field_named(
    client: httpx.AsyncClient, keeper: dict[str, str], fields: dict[str, Any], path: str
) -> None:
    answer = await client.post("/oauth2/clients", json=CLIENT | fields, headers=keeper)
    assert answer.status_code == 400, answer.text
    assert path in [error["path"] for error in answer.json()["errors"]], answer.text


async def test_a_change_keeps_what_it_does_not_name_and_to_the_same_rules(
    client: httpx.AsyncClient, keeper: dict[str, str], database: Database
) -> None:
    made = (await registered(client, keeper, homeUri="https://board.example.org/"))["client"]
    path = f"/oauth2/clients/{made['id']}"
    changed = await client.patch(path, json={"name": "Board", "homeUri": None}, headers=keeper)
    assert changed.status_code == 200
    assert changed.json() == made | {
        "name": "Board", "homeUri": None, "updatedAt": changed.json()["updatedAt"],
    }  # fmt: skip
    for change in (
        {"scopes": ["platform"]},
        {"authMethod": "none"},
        {"jwks": KEYS},
        {"redirectUris": ["com.example.board:/callback"]},
        {"kind": "public"},
    ):
        assert (await client.patch(path, json=change, headers=keeper)).status_code == 400, change
    by_key = await client.patch(path, json={"authMethod": "private_key_jwt", "jwks": KEYS}, headers=keeper)
    assert by_key.json()["jwks"] == KEYS
    async with database.read() as db:
        assert (await db.get_one(OAuthClient, made["id"])).secret_sha256 is None


async def test_deleting_a_client_ends_the_tokens_that_it_was_given(
    client: httpx.AsyncClient, keeper: dict[str, str], database: Database, account: Any
) -> None:
    made = (await registered(client, keeper, backchannelLogoutUri="https://board.example.org/bye"))["client"]
    session_id = await start_session(database, account, made["id"], "openid")
    other = await start_session(database, account, "another", "openid")
    path = f"/oauth2/clients/{made['id']}"
    assert (await client.delete(path, headers=keeper)).status_code == 204
    assert (await client.get(path, headers=keeper)).status_code == 404
    assert await has_ended(database, session_id)
    assert not await has_ended(database, other)
    assert (await client.get("/auth/me", headers=account.headers)).status_code == 200


async def test_a_client_that_loses_a_scope_loses_the_sessions_that_have_it(
    client: httpx.AsyncClient, keeper: dict[str, str], database: Database, account: Any
) -> None:
    made = (await registered(client, keeper))["client"]
    wide = await start_session(database, account, made["id"], "openid resumes:read")
    narrow = await start_session(database, account, made["id"], "openid")
    await client.patch(f"/oauth2/clients/{made['id']}", json={"scopes": ["openid"]}, headers=keeper)
    assert await has_ended(database, wide)
    assert not await has_ended(database, narrow)


async def test_the_list_comes_in_pages_and_leaves_services_out(
    client: httpx.AsyncClient, keeper: dict[str, str]
) -> None:
    made = [(await registered(client, keeper))["client"]["id"] for _ in range(3)]
    seen: list[str] = []
    cursor = f"&cursor={BELOW_02}"
    while not set(made) <= set(seen):
        page = (await client.get(f"/oauth2/clients?limit=2{cursor}", headers=keeper)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['nextCursor']}"
    assert [client_id for client_id in seen if client_id in made] == made[::-1]
    assert len(set(seen)) == len(seen)
    first = (await client.get("/oauth2/clients?limit=100", headers=keeper)).json()["items"]
    assert {"resume-ui", "mobile"} <= {item["id"] for item in first}
    services = (await client.get(f"/oauth2/clients?limit=1&cursor={BELOW_API}", headers=keeper)).json()
    assert services["items"][0]["id"] not in {"api", "admin", "account"}
    for path in ("/oauth2/clients/api", "/oauth2/clients/nobody"):
        assert (await client.get(path, headers=keeper)).status_code == 404
        assert (await client.delete(path, headers=keeper)).status_code == 404
    for bad in ("%00", "!", "w6Q", "x" * 5000):
        answer = await client.get(f"/oauth2/clients?cursor={bad}", headers=keeper)
        assert answer.status_code in {200, 400, 414}, answer.text


# SECURITY 22
@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_the_registry_is_for_superadmins_alone(
    client: httpx.AsyncClient, account: Any, register: Any, service_headers: Any, method: str, path: str
) -> None:
    path = path.replace("{id}", str(new_id()))
    assert (await client.request(method, path)).status_code == 401
    others = [account.headers, await service_headers("admin")]
    for role in ("support", "auditor", "admin"):
        staff = await register()
        user = f"/internal/users/{staff.id}"
        await client.patch(user, json={"roles": [role]}, headers=await service_headers())
        login = {"email": staff.email, "password": staff.password}
        token = (await client.post("/auth/login", json=login)).json()["accessToken"]
        others.append({"Authorization": f"Bearer {token}"})
    for headers in others:
        body = CLIENT if method == "POST" else {}
        answer = await client.request(method, path, headers=headers, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), answer.text


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[0] != "GET"])
async def test_changing_a_client_takes_two_factors_shown_lately(
    client: httpx.AsyncClient,
    protect: Any,
    service_headers: Any,
    signed_in_with_mfa: Any,
    database: Database,
    method: str,
    path: str,
) -> None:
    protected = await protect()
    user = f"/internal/users/{protected.account.id}"
    await client.patch(user, json={"roles": ["superadmin"]}, headers=await service_headers())
    # From before the second factor was set up, so by a password alone; with the role since it was refreshed.
    body = {"refreshToken": protected.account.refresh_token}
    token = (await client.post("/auth/refresh", json=body)).json()["accessToken"]
    headers = {"Authorization": f"Bearer {token}"}
    path = path.replace("{id}", str(new_id()))
    answer = await client.request(method, path, headers=headers, json=CLIENT if method == "POST" else {})
    assert (answer.status_code, answer.json()["code"]) == (401, "STEP_UP_REQUIRED"), answer.text
    assert (await client.get("/oauth2/clients", headers=headers)).status_code == 200


async def test_what_staff_do_to_clients_is_recorded(
    client: httpx.AsyncClient, keeper: dict[str, str], database: Database
) -> None:
    made = (await registered(client, keeper))["client"]
    path = f"/oauth2/clients/{made['id']}"
    await client.patch(path, json={"name": "Board"}, headers=keeper)
    await client.post(f"{path}/secret", headers=keeper)
    await client.delete(path, headers=keeper)
    async with database.read() as db:
        wanted = select(SecurityEvent).where(SecurityEvent.user_id == UUID(made["createdBy"]))
        events = [
            event.kind
            for event in await db.scalars(wanted.order_by(SecurityEvent.id))
            if event.details.get("client") == made["id"]
        ]
    assert events == ["client.registered", "client.changed", "client.secret_renewed", "client.deleted"]


OURS = {
    "resume-ui": {
        "name": "resuMAX",
        "redirectUris": ["{public}/", "https://elsewhere.test/"],
        "postLogoutRedirectUris": ["{public}/"],
    }
}


def first_party(sso_settings: Callable[..., Settings], clients: dict[str, Any], **changes: Any) -> Settings:
    return sso_settings(first_party_clients=msgspec.convert(clients, dict[str, FirstPartyClient]), **changes)


async def test_the_platforms_own_clients_are_what_the_settings_say(
    sso_settings: Callable[..., Settings], mails: Any
) -> None:
    settings = first_party(sso_settings, OURS)
    database = Database(settings.database_url)
    async with served(sso.app.create_app(settings)) as client:
        body = {"email": "ui@example.org", "password": "correct horse battery", "name": "U"}
        user_id = (await client.post("/auth/register", json=body)).json()["user"]["id"]
    async with database.write() as db:
        ours = await db.get_one(OAuthClient, "resume-ui")
        assert (ours.is_first_party, ours.kind, ours.auth_method) == (True, "public", "none")
        assert "platform" in ours.scopes
        assert ours.redirect_uris == ["https://resumax.test/", "https://elsewhere.test/"]
        assert ours.is_from_settings
        user = await db.get_one(User, UUID(user_id))
        grant = Grant(client_id="resume-ui", scope="platform")
        session_id = (await sessions.start(db, user, caller=CALLER, grant=grant)).session.id
    renamed = {"resume-ui": OURS["resume-ui"] | {"name": "Resumes"}, "phone": OURS["resume-ui"]}
    kept = first_party(sso_settings, renamed, database_url=settings.database_url)
    async with served(sso.app.create_app(kept)):
        pass
    async with database.read() as db:
        assert (await db.get_one(OAuthClient, "resume-ui")).name == "Resumes"
        assert await db.get(OAuthClient, "phone") is not None
    assert not await has_ended(database, session_id)
    gone = first_party(sso_settings, {}, database_url=settings.database_url)
    async with served(sso.app.create_app(gone)):
        pass
    async with database.read() as db:
        assert await db.get(OAuthClient, "resume-ui") is None
        assert await db.get(OAuthClient, "api") is not None
    assert await has_ended(database, session_id)
    await database.close()


async def test_our_front_ends_are_there_unless_the_settings_say_otherwise(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.read() as db:
        web, account, mobile = [
            await db.get_one(OAuthClient, name) for name in ("resume-ui", "account-ui", "mobile")
        ]
    assert web.redirect_uris == ["https://resumax.test/"]
    assert account.post_logout_redirect_uris == ["https://resumax.test/account/"]
    assert mobile.redirect_uris == ["com.resumax.app:/callback"]
    assert all(one.is_first_party and "platform" in one.scopes for one in (web, account, mobile))


async def test_a_client_of_the_settings_is_changed_there_alone(
    client: httpx.AsyncClient, keeper: dict[str, str], database: Database
) -> None:
    made = (await registered(client, keeper))["client"]
    async with database.write() as db:
        await db.execute(update(OAuthClient).where(OAuthClient.id == made["id"]).values(created_by=None))
    path = f"/oauth2/clients/{made['id']}"
    for method, where in (("PATCH", path), ("DELETE", path), ("POST", f"{path}/secret")):
        answer = await client.request(method, where, json={}, headers=keeper)
        assert (answer.status_code, answer.json()["code"]) == (409, "CLIENT_FROM_SETTINGS"), answer.text

    async def is_said() -> bool:
        return bool((await client.get(path, headers=keeper)).json()["fromSettings"])

    assert await eventually(is_said)


@pytest.mark.parametrize(
    ("clients", "says"),
    [
        ({"api": OURS["resume-ui"]}, "api: this cannot be the id of a client"),
        ({"resumax": OURS["resume-ui"]}, "resumax: this cannot be"),
        ({"Resume UI": OURS["resume-ui"]}, "Resume UI: this cannot be"),
        (
            {"ui": {"name": "UI", "redirectUris": ["http://ui.example.org/"]}},
            r"ui: redirectUris\[0\]: http is for",
        ),
        ({"ui": {"name": "UI", "redirectUris": []}}, "ui: redirectUris"),
        ({"ui": {"name": "UI", "redirectUris": ["{public}/../x"]}}, "ui: redirectUris"),
        ({"ui": {"name": "UI", "redirectUris": ["https://x.test/{public}"]}}, "ui: redirectUris"),
    ],
)
def test_settings_that_name_a_client_which_cannot_be_are_refused(
    sso_settings: Callable[..., Settings], clients: dict[str, Any], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        first_party(sso_settings, clients)


def test_no_client_can_take_a_name_that_sessions_of_ours_have() -> None:
    assert {PLATFORM_CLIENT, SUPPORT_CLIENT} == set(OUR_CLIENTS)


async def test_a_client_that_loses_a_scope_loses_the_codes_that_were_given_for_it(
    client: httpx.AsyncClient, keeper: dict[str, str], account: Any, database: Database
) -> None:
    made = (await registered(client, keeper))["client"]
    scopes = ["openid", "openid resumes:read"]
    async with database.write() as db:
        user = await db.get_one(User, UUID(account.id))
        signed_in = await sessions.start(db, user, caller=CALLER)
        for scope in scopes:
            asked = codes.Request(
                client_id=made["id"], redirect_uri="x", scope=scope, nonce=None, code_challenge="x"
            )
            codes.issue(db, Browser(user, signed_in.session), asked)
    path = f"/oauth2/clients/{made['id']}"

    async def kept() -> list[str]:
        async with database.read() as db:
            of_client = AuthorizationCode.client_id == made["id"]
            return sorted(await db.scalars(select(AuthorizationCode.scope).where(of_client)))

    assert (await client.patch(path, json={"name": "Board"}, headers=keeper)).status_code == 200
    assert await kept() == scopes
    assert (await client.patch(path, json={"scopes": ["openid"]}, headers=keeper)).status_code == 200
    assert await kept() == ["openid"]
