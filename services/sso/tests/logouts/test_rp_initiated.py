"""Signing out because an app asks for it (OpenID Connect RP-Initiated Logout 1.0)."""

import base64
import hmac
import time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx
import msgspec
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import RSAKey
from sso_standins.apps import App, RegisterApp, cookie
from sso_standins.forms import FOREIGN, OURS, Form

from common.db import Database
from common.ids import new_id
from common.testing.fixtures import eventually
from sso.sessions.models import Session

BYE = "https://app.test/bye"
SCOPE = "openid resumes:read"


@pytest_asyncio.fixture
async def leaving(register_app: RegisterApp) -> App:
    """An app that people leave."""
    return await register_app(
        name="Career board", post_logout_redirect_uris=[BYE, f"{BYE}?tenant=1", "com.example.app:/bye"]
    )


async def ask(http: httpx.AsyncClient, account: Any | None, **parameters: str) -> httpx.Response:
    """Send the browser that `account` is signed in with to sign out."""
    headers = cookie(account) if account else {}
    return await http.get("/oauth2/logout", params=parameters, headers=headers)


async def is_signed_in(http: httpx.AsyncClient, account: Any) -> bool:
    """Whether the browser still is: by the page that asks whether to sign out."""
    return "You are signed in as" in (await http.get("/auth/ui/logout", headers=cookie(account))).text


async def signed_in_again(http: httpx.AsyncClient, account: Any) -> Any:
    """The same person in another browser."""
    body = {"email": account.email, "password": account.password}
    tokens = (await http.post("/auth/login", json=body)).json()
    return msgspec.structs.replace(
        account, access_token=tokens["accessToken"], refresh_token=tokens["refreshToken"]
    )


async def test_an_app_with_its_id_token_signs_its_person_out_at_once(
    client: httpx.AsyncClient, leaving: App, account: Any
) -> None:
    given = await leaving.sign_in(account, scope=SCOPE)
    answer = await ask(
        client, account, id_token_hint=given["id_token"], post_logout_redirect_uri=BYE, state="a b&c"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BYE}?state=a+b%26c")
    cookies = answer.headers.get_list("set-cookie")
    cleared = next(line for line in cookies if line.startswith("__Host-resumax_refresh="))
    assert "Max-Age=0" in cleared
    assert not await is_signed_in(client, account)
    assert (await leaving.refresh(given["refresh_token"])).status_code == 400

    async def is_refused() -> bool:
        return (await client.get("/auth/me", headers=account.headers)).status_code == 401

    await eventually(is_refused, within=1.0)


async def test_an_expired_id_token_will_do(
    client: httpx.AsyncClient, leaving: App, account: Any, signing_key: RSAKey, claims_of: Any
) -> None:
    claims = claims_of((await leaving.sign_in(account, scope=SCOPE))["id_token"])
    expired = sign(signing_key, claims | {"iat": claims["iat"] - 90_000, "exp": claims["exp"] - 90_000})
    answer = await ask(
        client, account, id_token_hint=expired, post_logout_redirect_uri=f"{BYE}?tenant=1", state="s"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BYE}?tenant=1&state=s")
    assert not await is_signed_in(client, account)


def sign(key: RSAKey, claims: dict[str, Any], **header: str) -> str:
    return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": key.kid} | header, claims, key)


def with_shared_secret(key: RSAKey, claims: dict[str, Any]) -> str:
    """Signed by HMAC with the public key, which everybody knows."""
    header = {"alg": "HS256", "typ": "JWT", "kid": key.kid}
    parts = [base64.urlsafe_b64encode(msgspec.json.encode(part)).rstrip(b"=") for part in (header, claims)]
    tag = hmac.digest(key.as_pem(private=False), b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(tag).rstrip(b"=")]).decode()


def unsigned(claims: dict[str, Any]) -> str:
    header = {"alg": "none", "typ": "JWT"}
    parts = [base64.urlsafe_b64encode(msgspec.json.encode(part)).rstrip(b"=") for part in (header, claims)]
    return b".".join([*parts, b""]).decode()


BAD_HINTS = [
    "signed by somebody else", "unsigned", "signed with the public key", "of another issuer", "of tomorrow",
    "without a session", "an access token", "cut off", "too long", "no token", "a refresh token",
]  # fmt: skip


# SECURITY 21
@pytest.mark.parametrize("what", BAD_HINTS)
async def test_a_hint_that_is_no_id_token_of_ours_signs_nobody_out_unasked(
    client: httpx.AsyncClient, leaving: App, account: Any, signing_key: RSAKey, claims_of: Any, what: str
) -> None:
    given = await leaving.sign_in(account, scope=SCOPE)
    claims = claims_of(given["id_token"])
    other = RSAKey.generate_key(2048)
    hints = {
        "signed by somebody else": jwt.encode(
            {"alg": "RS256", "typ": "JWT", "kid": signing_key.kid}, claims, other
        ),
        "unsigned": unsigned(claims),
        "signed with the public key": with_shared_secret(signing_key, claims),
        "of another issuer": sign(signing_key, claims | {"iss": "https://evil.test"}),
        "of tomorrow": sign(signing_key, claims | {"iat": int(time.time()) + 86_400}),
        "without a session": sign(signing_key, {name: claims[name] for name in claims if name != "sid"}),
        "an access token": sign(signing_key, claims, typ="at+jwt"),
        "cut off": given["id_token"][:-20],
        "too long": given["id_token"] + "a" * 10_000,
        "no token": "x.y.z",
        "a refresh token": given["refresh_token"],
    }
    answer = await ask(
        client, account, id_token_hint=hints[what], client_id=leaving.id, post_logout_redirect_uri=BYE
    )
    assert answer.status_code in {200, 414}, answer.text
    assert await is_signed_in(client, account)


# SECURITY 21
async def test_without_a_hint_its_person_is_asked_and_then_brought_back(
    client: httpx.AsyncClient, leaving: App, account: Any
) -> None:
    page = await ask(client, account, client_id=leaving.id, post_logout_redirect_uri=BYE, state="s")
    assert page.status_code == 200
    for shown in ("Career board", account.email):
        assert shown in page.text
    assert "form-action 'self' https://app.test;" in page.headers["content-security-policy"] + ";"
    assert await is_signed_in(client, account)
    answer = await Form(page).send(client, cookie(account))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BYE}?state=s")
    assert not await is_signed_in(client, account)


async def test_a_hint_of_somebody_else_or_of_another_browser_is_as_none(
    client: httpx.AsyncClient, leaving: App, account: Any, register: Any
) -> None:
    others = await register()
    elsewhere = await signed_in_again(client, account)
    for whose in (others, elsewhere):
        hint = (await leaving.sign_in(whose, scope=SCOPE))["id_token"]
        page = await ask(client, account, id_token_hint=hint, post_logout_redirect_uri=BYE)
        assert page.status_code == 200
        assert Form(page).action == "/auth/ui/logout"
    for one in (account, others, elsewhere):
        assert await is_signed_in(client, one)


async def test_a_hint_of_a_session_that_has_ended_is_still_good(
    client: httpx.AsyncClient, leaving: App, account: Any, database: Database, claims_of: Any
) -> None:
    given = await leaving.sign_in(account, scope=SCOPE)
    async with database.write() as db:
        session = await db.get_one(Session, UUID(claims_of(given["id_token"])["sid"]))
        session.ended_at = session.created_at
    answer = await ask(client, account, id_token_hint=given["id_token"], post_logout_redirect_uri=BYE)
    assert answer.headers["location"] == BYE
    assert not await is_signed_in(client, account)


BAD_DESTINATIONS = [
    "https://app.test/bye/",
    "https://app.test/Bye",
    "https://app.test/bye?",
    "https://app.test/bye#",
    "https://app.test/bye?tenant=2",
    "https://app.test/bye?tenant=1&x=1",
    "https://app.test:443/bye",
    "https://app.test/%62ye",
    "https://app.test/./bye",
    "https://app.test/x/../bye",
    "https://APP.test/bye",
    "https://user@app.test/bye",
    "https://app.test.evil.test/bye",
    "https://evil.test/bye",
    "http://app.test/bye",
    "//app.test/bye",
    "/auth/ui/security",
    "\\\\evil.test",
    "https://app.test/bye\n",
    " https://app.test/bye",
    "https://app.test/bye\x00",
    "javascript:alert(1)",
    "com.example.app:/other",
    "https://app.test/callback",
]


# SECURITY 21
@pytest.mark.parametrize("uri", BAD_DESTINATIONS)
async def test_nobody_is_sent_or_signed_out_where_the_address_is_not_registered_to_the_letter(
    client: httpx.AsyncClient, leaving: App, account: Any, uri: str
) -> None:
    hint = (await leaving.sign_in(account, scope=SCOPE))["id_token"]
    for parameters in ({"id_token_hint": hint}, {"client_id": leaving.id}, {}):
        answer = await ask(client, account, post_logout_redirect_uri=uri, **parameters)
        assert answer.status_code == 400, parameters
        assert "location" not in answer.headers
        assert "cannot sign you out" in answer.text
    form = {"client_id": leaving.id, "post_logout_redirect_uri": uri}
    answer = await client.post("/auth/ui/logout", data=form, headers=cookie(account) | OURS)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert await is_signed_in(client, account)


async def test_a_registered_address_is_good_for_its_own_client_alone(
    client: httpx.AsyncClient, leaving: App, app: App, account: Any
) -> None:
    hint = (await app.sign_in(account, scope=SCOPE))["id_token"]
    its_own = (await leaving.sign_in(account, scope=SCOPE))["id_token"]
    for parameters in (
        {"id_token_hint": hint},
        {"id_token_hint": its_own, "client_id": app.id},
        {"client_id": app.id},
        {"id_token_hint": hint, "client_id": leaving.id},
        {"client_id": "api"},
        {"client_id": "nobody"},
        {"client_id": "\x00"},
        {"client_id": leaving.id, "state": "s" * 3000},
    ):
        answer = await ask(client, account, post_logout_redirect_uri=BYE, **parameters)
        assert answer.status_code == 400, parameters
        assert "location" not in answer.headers
    assert await is_signed_in(client, account)


async def test_an_app_may_ask_by_a_form_of_its_own_page_too(
    client: httpx.AsyncClient, leaving: App, account: Any
) -> None:
    """The form comes without our cookie (SameSite=Lax), and the browser asks again with it."""
    hint = (await leaving.sign_in(account, scope=SCOPE))["id_token"]
    form = {"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": "s", "unknown": "ignored"}
    foreign = {"Origin": "https://app.test", "Sec-Fetch-Site": "cross-site"}
    sent = await client.post("/oauth2/logout", data=form, headers=foreign)
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/oauth2/logout?")
    assert await is_signed_in(client, account)
    answer = await client.get(sent.headers["location"], headers=cookie(account))
    assert answer.headers["location"] == f"{BYE}?state=s"
    assert not await is_signed_in(client, account)


async def test_where_nobody_is_signed_in_nobody_is_asked_and_the_apps_own_session_ends(
    client: httpx.AsyncClient, leaving: App, account: Any
) -> None:
    given = await leaving.sign_in(account, scope=SCOPE)
    answer = await ask(client, None, id_token_hint=given["id_token"], post_logout_redirect_uri=BYE)
    assert answer.headers["location"] == BYE
    assert (await leaving.refresh(given["refresh_token"])).status_code == 400
    assert await is_signed_in(client, account)
    plain = await ask(client, None)
    assert plain.headers["location"] == "/auth/ui/logout"
    assert "You are signed out" in (await client.get("/auth/ui/logout")).text


# SECURITY 14
@pytest.mark.parametrize("headers", FOREIGN)
async def test_no_other_page_can_sign_somebody_out(
    client: httpx.AsyncClient, account: Any, headers: dict[str, str]
) -> None:
    answer = await client.post("/auth/ui/logout", data={}, headers=cookie(account) | headers)
    assert answer.status_code == 403
    for path in ("/auth/ui/logout", "/oauth2/logout"):
        assert (await client.get(path, headers=cookie(account) | headers)).status_code == 200
    assert await is_signed_in(client, account)


async def test_people_sign_out_on_our_own_page(client: httpx.AsyncClient, account: Any) -> None:
    form = Form(await client.get("/auth/ui/logout", headers=cookie(account)))
    answer = await form.send(client, cookie(account))
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/logout")
    assert "__Host-resumax_refresh=" in answer.headers["set-cookie"]
    assert "You are signed out" in (await client.get("/auth/ui/logout", headers=cookie(account))).text
    assert (await form.send(client, cookie(account))).status_code == 303


async def test_what_an_app_sends_along_stays_text(
    client: httpx.AsyncClient, leaving: App, account: Any
) -> None:
    state = f'"><script>{new_id()}</script>'
    page = await ask(client, account, client_id=leaving.id, post_logout_redirect_uri=BYE, state=state)
    assert "<script" not in page.text
    answer = await Form(page).send(client, cookie(account))
    assert answer.headers["location"] == f"{BYE}?{urlencode({'state': state})}"


async def test_the_page_speaks_the_language_that_the_app_asks_for(
    client: httpx.AsyncClient, leaving: App, account: Any
) -> None:
    page = await ask(client, account, client_id=leaving.id, ui_locales="xx de")
    assert '<html lang="de"' in page.text
