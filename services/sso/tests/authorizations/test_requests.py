"""Authorization requests that are refused, and who is told so (RFC 6749 section 4.1.2.1; RFC 9207; SECURITY 18, 19)."""

from typing import Any

import httpx
import pytest
import pytest_asyncio
from sso_standins.apps import SCOPE, App, RegisterApp, answered, cookie

OURS = "https://resumax.test"


@pytest_asyncio.fixture(scope="module")
async def app(register_app: RegisterApp) -> App:
    return await register_app()


@pytest.mark.parametrize("is_signed_in", [True, False])
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        # SECURITY 19: no implicit grant, nor a hybrid one
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "id_token token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "none"}, "unsupported_response_type"),
        ({"response_type": "CODE"}, "unsupported_response_type"),
        ({"response_type": '"ü\\'}, "unsupported_response_type"),
        # SECURITY 18: PKCE for every client, by S256 alone
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge": "x" * 42}, "invalid_request"),
        ({"code_challenge": "x" * 44}, "invalid_request"),
        ({"code_challenge": "x" * 128}, "invalid_request"),
        ({"code_challenge": "x" * 42 + "="}, "invalid_request"),
        ({"code_challenge": "x" * 42 + "+"}, "invalid_request"),
        ({"code_challenge": "ü" * 43}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": " "}, "invalid_scope"),
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"scope": "openid internal"}, "invalid_scope"),
        ({"scope": "openid platform"}, "invalid_scope"),
        ({"scope": "openid resumes:write"}, "invalid_scope"),
        ({"scope": "OPENID"}, "invalid_scope"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.test/"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"response_mode": "web_message"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "whatever"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"max_age": "ten"}, "invalid_request"),
        ({"max_age": "1" * 400}, "invalid_request"),
    ],
)
async def test_what_is_wrong_is_told_to_the_client_with_its_state_and_who_says_so(
    app: App, somebody: Any, changes: dict[str, str | None], error: str, is_signed_in: bool
) -> None:
    told = answered(await app.authorize(somebody if is_signed_in else None, **changes))
    assert told["error"] == error
    assert (told["state"], told["iss"]) == ("the-state", OURS)
    assert "code" not in told
    assert told.keys() <= {"error", "error_description", "state", "iss"}
    assert told.get("error_description", "x").isascii()


async def test_a_request_without_a_state_is_answered_without_one(app: App, somebody: Any) -> None:
    assert answered(await app.authorize(somebody, state=None)).keys() == {"code", "iss"}
    refused = answered(await app.authorize(somebody, state=None, scope=None))
    assert (refused["error"], refused["iss"]) == ("invalid_scope", OURS)
    assert "state" not in refused


@pytest.mark.parametrize(
    "state", ["a b&c=d#e", "ü€\U0001f600", "%00", "x" * 1000, "code=1&iss=https://evil.test"]
)
async def test_the_state_comes_back_as_it_was(app: App, somebody: Any, state: str) -> None:
    told = answered(await app.authorize(somebody, state=state))
    assert (told["state"], told["iss"]) == (state, OURS)


@pytest.mark.parametrize(
    "name", ["client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "other"]
)
async def test_a_parameter_that_comes_twice_is_refused(
    app: App, somebody: Any, client: httpx.AsyncClient, name: str
) -> None:
    asked = app.asks(other="1")
    pairs = [*asked.items(), (name, asked[name])]
    answer = await client.get("/oauth2/authorize", params=pairs, headers=cookie(somebody))
    assert answer.status_code == 400
    assert "A parameter is there more than once." in answer.text


@pytest.mark.parametrize(
    "query",
    [
        b"",
        b"=",
        b"&&&",
        b"client_id=%ff",
        b"a=1&" * 100,
        b"client_id=" + b"x" * 6000,
        b"state=%00",
        b"state=%0d%0a",
    ],
)
async def test_what_cannot_be_read_gets_a_page(client: httpx.AsyncClient, query: bytes) -> None:
    url = httpx.URL("/oauth2/authorize").copy_with(query=query)
    answer = await client.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "This app cannot sign you in" in answer.text
    posted = await client.post(
        "/oauth2/authorize", content=query, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert posted.status_code in {400, 303}
    if posted.status_code == 303:
        assert (await client.get(posted.headers["location"])).status_code == 400


async def test_a_parameter_without_a_value_counts_as_left_out(app: App, somebody: Any) -> None:
    told = answered(await app.authorize(somebody, nonce="", max_age="", prompt="", request=""))
    assert "code" in told
    claims = await app.verified((await app.redeem(told["code"])).json()["id_token"])
    assert "nonce" not in claims


# RFC 6749 section 3.1; SECURITY 18
async def test_a_request_by_a_form_is_made_again_by_get_where_cookies_come_along(
    app: App, somebody: Any, client: httpx.AsyncClient
) -> None:
    """Cookies are Lax: none come with a form that another site sends, and all with the GET that follows."""
    again = await client.post("/oauth2/authorize", data=app.asks())
    assert again.status_code == 303
    assert again.headers["location"].startswith("/oauth2/authorize?")
    told = answered(await client.get(again.headers["location"], headers=cookie(somebody)))
    assert told.keys() == {"code", "state", "iss"}
    for refused in (
        await client.post("/oauth2/authorize", json=app.asks()),
        await client.post("/oauth2/authorize", content=b"x"),
    ):
        assert refused.status_code == 400


# SECURITY 19
@pytest.mark.parametrize(
    "grant_type", ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer"]
)
async def test_there_is_no_password_grant(app: App, somebody: Any, grant_type: str) -> None:
    form = {"username": somebody.email, "password": somebody.password, "scope": "openid"}
    answer = await app.token(grant_type=grant_type, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


async def test_scopes_are_given_once_each_in_their_order(app: App, somebody: Any) -> None:
    given = await app.sign_in(somebody, scope=f"{SCOPE}  openid email")
    assert given["scope"] == SCOPE


async def test_answers_are_kept_by_nobody_and_name_no_referrer(app: App, somebody: Any) -> None:
    answer = await app.authorize(somebody)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_the_page_of_a_refusal_shows_markup_as_text(app: App) -> None:
    answer = await app.authorize(None, redirect_uri="https://evil.test/<script>alert(1)</script>")
    assert answer.status_code == 400
    assert "<script>alert" not in answer.text
