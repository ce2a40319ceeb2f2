"""Whom a client wants to be asked, and what: prompt, max_age, acr_values (OpenID Connect Core section 3.1.2.1)."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update
from sso_standins.apps import App, RegisterApp, answered, cookie

from common.db import Database
from common.ids import now
from common.sealing import MasterKey
from sso.authorizations.arrivals import Arrivals
from sso.consents.models import Consent
from sso.sessions.models import Session
from sso.settings import Settings

MULTI = "urn:resumax:acr:multi-factor"
SINGLE = "urn:resumax:acr:single-factor"


def sent_to(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    """The page of ours that the browser is sent to, and its query."""
    assert answer.status_code == 303, answer.text
    parts = urlsplit(answer.headers["location"])
    assert (parts.scheme, parts.netloc) == ("", "")
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


async def go_on(client: httpx.AsyncClient, answer: httpx.Response, account: Any) -> httpx.Response:
    """What the request answers that the page goes on with."""
    _, query = sent_to(answer)
    return await client.get(query["continue"], headers=cookie(account))


async def authenticated(database: Database, account: Any, *, ago: timedelta) -> None:
    """As if the account's sessions had signed in then."""
    async with database.write() as db:
        sessions = update(Session).where(Session.user_id == UUID(account.id))
        await db.execute(sessions.values(authenticated_at=now() - ago))


async def sign_in_again(client: httpx.AsyncClient, account: Any) -> Any:
    answer = await client.post("/auth/login", json={"email": account.email, "password": account.password})
    return type(account)(
        account.id,
        account.email,
        account.password,
        answer.json()["accessToken"],
        answer.json()["refreshToken"],
    )


async def test_who_is_not_signed_in_is_sent_to_sign_in_and_comes_back(
    app: App, account: Any, client: httpx.AsyncClient
) -> None:
    answer = await app.authorize(None)
    page, query = sent_to(answer)
    assert page == "/auth/ui/login"
    assert query.keys() == {"continue"}
    assert query["continue"].startswith("/oauth2/authorize?")
    assert "code" in answered(await go_on(client, answer, account))


@pytest.mark.parametrize(
    "wish", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "0"}, {"max_age": "60"}]
)
async def test_who_has_to_sign_in_again_is_asked_once(
    app: App, account: Any, client: httpx.AsyncClient, database: Database, wish: dict[str, str]
) -> None:
    await authenticated(database, account, ago=timedelta(hours=1))
    answer = await app.authorize(account, **wish)
    page, query = sent_to(answer)
    assert (page, query["reauth"]) == ("/auth/ui/login", "1")
    # Coming back without having done so leads there again ...
    assert sent_to(await go_on(client, answer, account))[0] == "/auth/ui/login"
    # ... and having done so on to the app, however often the request is made.
    again = await sign_in_again(client, account)
    for _ in range(2):
        told = answered(await go_on(client, answer, again))
    claims = await app.verified((await app.redeem(told["code"])).json()["id_token"])
    assert abs(claims["auth_time"] - now().timestamp()) < 60


async def test_who_signed_in_just_now_is_asked_again_all_the_same(app: App, account: Any) -> None:
    assert sent_to(await app.authorize(account, prompt="login"))[0] == "/auth/ui/login"


async def test_who_signed_in_for_the_request_is_not_asked_again(
    app: App, register: Any, client: httpx.AsyncClient
) -> None:
    answer = await app.authorize(None, prompt="login", max_age="0")
    assert "code" in answered(await go_on(client, answer, await register()))


async def test_a_recent_sign_in_is_enough_for_max_age(app: App, account: Any, database: Database) -> None:
    await authenticated(database, account, ago=timedelta(seconds=50))
    assert "code" in answered(await app.authorize(account, max_age="60"))


@pytest.mark.parametrize("wish", [{"prompt": "login"}, {"max_age": "60"}])
@pytest.mark.parametrize(("minutes", "page"), [(9, None), (11, "/auth/ui/login")])
async def test_to_have_signed_in_for_the_request_counts_for_ten_minutes(
    app: App,
    account: Any,
    client: httpx.AsyncClient,
    database: Database,
    settings: Settings,
    wish: dict[str, str],
    minutes: int,
    page: str | None,
) -> None:
    arrivals = Arrivals(MasterKey(settings.key_encryption_key))
    asked = arrivals.marked(app.asks(**wish), now() - timedelta(minutes=minutes))
    await authenticated(database, account, ago=timedelta(minutes=minutes, seconds=-5))
    answer = await client.get("/oauth2/authorize", params=asked, headers=cookie(account))
    assert sent_to(answer)[0] == page if page else "code" in answered(answer)


@pytest.mark.parametrize("change", ["signature", "request", "time", "none"])
async def test_a_mark_that_was_made_up_says_nothing(
    app: App, account: Any, client: httpx.AsyncClient, change: str
) -> None:
    """The mark says since when its owner has to have been authenticated."""
    _, query = sent_to(await app.authorize(account, prompt="login"))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(query["continue"]).query).items()}
    at, _, signature = asked["arrived"].partition(".")
    forged = {
        "signature": {"arrived": f"{at}.{'A' * len(signature)}"},
        "request": {"state": "another"},
        "time": {"arrived": f"{int(at) - 60_000}.{signature}"},
        "none": {"arrived": "0."},
    }[change]
    again = cookie(await sign_in_again(client, account))
    assert "code" in answered(await client.get("/oauth2/authorize", params=asked, headers=again))
    answer = await client.get("/oauth2/authorize", params=asked | forged, headers=again)
    assert sent_to(answer)[0] == "/auth/ui/login"
    # Nor does the time of another request help who has not signed in again.
    stale = await client.get("/oauth2/authorize", params=asked | forged, headers=cookie(account))
    assert sent_to(stale)[0] == "/auth/ui/login"


@pytest.mark.parametrize(
    ("is_signed_in", "wish", "error"),
    [
        (False, {}, "login_required"),
        (True, {"max_age": "60"}, "login_required"),
        (True, {}, None),
    ],
)
async def test_prompt_none_asks_nobody(
    app: App, account: Any, database: Database, is_signed_in: bool, wish: dict[str, str], error: str | None
) -> None:
    await authenticated(database, account, ago=timedelta(hours=1))
    told = answered(await app.authorize(account if is_signed_in else None, prompt="none", **wish))
    assert told.get("error") == error
    assert ("code" in told) == (error is None)


async def test_who_has_no_second_factor_is_signed_in_without(app: App, account: Any) -> None:
    """`acr_values` is a wish (Core section 3.1.2.1); the ID token tells what came of it."""
    given = await app.sign_in(account, acr_values=MULTI)
    assert (await app.verified(given["id_token"]))["acr"] == SINGLE


async def test_who_has_one_is_asked_for_it(
    app: App, client: httpx.AsyncClient, database: Database, protected: Any
) -> None:
    account = protected.account
    answer = await app.authorize(account, acr_values=f"{MULTI}")
    page, query = sent_to(answer)
    assert (page, query["reauth"]) == ("/auth/ui/login", "1")
    assert (
        answered(await app.authorize(account, acr_values=MULTI, prompt="none"))["error"] == "login_required"
    )
    assert "code" in answered(await app.authorize(account, acr_values=f"{MULTI} {SINGLE}"))
    async with database.write() as db:
        sessions = update(Session).where(Session.user_id == UUID(account.id))
        await db.execute(sessions.values(amr=["pwd", "otp", "mfa"], authenticated_at=now()))
    told = answered(await go_on(client, answer, account))
    claims = await app.verified((await app.redeem(told["code"])).json()["id_token"])
    assert claims["acr"] == MULTI


async def test_whom_the_client_means_is_asked_for_where_somebody_else_is_signed_in(
    app: App, account: Any, register: Any, client: httpx.AsyncClient
) -> None:
    meant, hint = await register(), (await app.sign_in(account))["id_token"]
    assert "code" in answered(await app.authorize(account, id_token_hint=hint, prompt="none"))
    silent = await app.authorize(meant, id_token_hint=hint, prompt="none")
    assert answered(silent)["error"] == "login_required"
    answer = await app.authorize(meant, id_token_hint=hint)
    assert sent_to(answer)[0] == "/auth/ui/login"
    assert "code" in answered(await go_on(client, answer, await sign_in_again(client, account)))
    other = await go_on(client, answer, await sign_in_again(client, meant))
    assert answered(other)["error"] == "login_required"
    # What is no ID token of ours says nothing.
    for nonsense in ("x", f"{hint[:-8]}AAAAAAAA", (await app.sign_in(account))["access_token"]):
        assert "code" in answered(await app.authorize(meant, id_token_hint=nonsense))


@pytest.fixture
async def foreign_app(register_app: RegisterApp) -> App:
    """An app that is not one of our own."""
    return await register_app(is_first_party=False)


async def consent(database: Database, account: Any, app: App, scope: str) -> None:
    async with database.write() as db:
        db.add(Consent(user_id=UUID(account.id), client_id=app.id, scopes=scope.split()))


async def test_an_app_of_others_needs_consent_to_each_scope(
    foreign_app: App, account: Any, client: httpx.AsyncClient, database: Database
) -> None:
    answer = await foreign_app.authorize(account, scope="openid email")
    assert sent_to(answer)[0] == "/auth/ui/consent"
    assert sent_to(await go_on(client, answer, account))[0] == "/auth/ui/consent"
    await consent(database, account, foreign_app, "openid email")
    assert "code" in answered(await go_on(client, answer, account))
    assert "code" in answered(await foreign_app.authorize(account, scope="email", prompt="none"))
    more = await foreign_app.authorize(account, scope="openid email profile")
    assert sent_to(more)[0] == "/auth/ui/consent"
    silent = await foreign_app.authorize(account, scope="openid email profile", prompt="none")
    assert answered(silent)["error"] == "consent_required"


async def test_prompt_consent_asks_once_whoever_has_consented(
    app: App, foreign_app: App, account: Any, client: httpx.AsyncClient, database: Database
) -> None:
    await consent(database, account, foreign_app, "openid")
    for asking in (app, foreign_app):
        answer = await asking.authorize(account, scope="openid", prompt="consent")
        assert sent_to(answer)[0] == "/auth/ui/consent"
        assert "code" in answered(await go_on(client, answer, account))


async def test_login_comes_before_consent_and_neither_twice(
    foreign_app: App, account: Any, client: httpx.AsyncClient, database: Database
) -> None:
    login = await foreign_app.authorize(account, scope="openid", prompt="login consent")
    assert sent_to(login)[0] == "/auth/ui/login"
    again = await sign_in_again(client, account)
    asking = await go_on(client, login, again)
    assert sent_to(asking)[0] == "/auth/ui/consent"
    await consent(database, account, foreign_app, "openid")
    assert "code" in answered(await go_on(client, asking, again))


async def test_an_app_of_others_never_gets_the_platforms_scope(
    register_app: RegisterApp, account: Any
) -> None:
    """Nor if it were registered so, which the registry refuses."""
    app = await register_app(is_first_party=False, scopes=["openid", "platform", "internal"])
    for scope in ("openid platform", "internal"):
        assert answered(await app.authorize(account, scope=scope))["error"] == "invalid_scope"
