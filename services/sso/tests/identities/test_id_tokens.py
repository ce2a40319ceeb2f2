"""ID tokens, and all that one may have wrong (SECURITY 20)."""

import time
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from .browser import Browser
from .upstream import CLIENT_ID, Upstream, encoded, half_sha256, person, text


async def expect_refused(browser: Browser, status: int = 400) -> httpx.Response:
    answer = await browser.sign_in()
    assert (answer.status_code, browser.is_signed_in) == (status, False), answer.text
    assert "did not work" in answer.text or status == 503
    return answer


async def expect_good(browser: Browser) -> None:
    answer = await browser.sign_in()
    assert (answer.status_code, browser.is_signed_in) == (303, True), answer.text


WRONG: list[dict[str, Any]] = [
    {"iss": "https://evil.test"},
    {"iss": None},
    {"iss": ["https://evil.test"]},
    {"aud": "somebody-else"},
    {"aud": []},
    {"aud": None},
    {"aud": f"{CLIENT_ID} "},
    {"aud": [CLIENT_ID, "another"]},
    {"aud": [CLIENT_ID, "another"], "azp": "another"},
    {"azp": "another"},
    {"azp": ""},
    {"nonce": "x"},
    {"nonce": ""},
    {"nonce": None},
    {"nonce": 7},
    {"exp": int(time.time()) - 61},
    {"exp": None},
    {"exp": "tomorrow"},
    {"iat": int(time.time()) + 3600},
    {"iat": int(time.time()) - 3600},
    {"iat": None},
    {"nbf": int(time.time()) + 3600},
    {"sub": ""},
    {"sub": None},
    {"sub": "x" * 256},
    {"sub": "a\x00b"},
    {"sub": 7},
    {"at_hash": half_sha256("another access token")},
    {"at_hash": ""},
]


# SECURITY 20
@pytest.mark.parametrize("claims", WRONG, ids=str)
async def test_an_id_token_with_a_wrong_claim_is_refused(
    browser: Browser, upstream: Upstream, claims: dict[str, Any]
) -> None:
    upstream.claims = claims
    await expect_refused(browser)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "{url}/"},
        {"iss": "{url}".upper()},
        {"iss": "{url}#"},
    ],
)
async def test_an_issuer_that_is_only_like_ours_is_refused(
    browser: Browser, upstream: Upstream, claims: dict[str, str]
) -> None:
    upstream.claims = {
        "iss": claims["iss"].replace("{url}", upstream.url).replace("{URL}", upstream.url.upper())
    }
    await expect_refused(browser)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": [CLIENT_ID]},
        {"azp": CLIENT_ID},
        {"aud": ["another", CLIENT_ID], "azp": CLIENT_ID},
        {"at_hash": None},
        {"exp": -5, "iat": -65},
        {"iat": 5.5},
        {"a_claim_that_nobody_knows": {"x": [1]}},
    ],
    ids=str,
)
async def test_an_id_token_that_says_what_it_should_is_good(
    browser: Browser, upstream: Upstream, claims: dict[str, Any]
) -> None:
    """Times are given from now on, in seconds."""
    times = {name: time.time() + value for name, value in claims.items() if name in {"exp", "iat"}}
    upstream.claims = claims | times
    await expect_good(browser)


# SECURITY 20
@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_an_id_token_that_anybody_could_have_made_is_refused(
    browser: Browser, upstream: Upstream, algorithm: str
) -> None:
    """Unsigned, or signed with the public key as a secret: although the provider says that it signs so."""
    upstream.signs_with = algorithm
    await expect_refused(browser)


# SECURITY 20
@pytest.mark.parametrize("named", ["one", "two", None])
async def test_an_id_token_signed_by_another_key_is_refused(
    browser: Browser, upstream: Upstream, named: str | None
) -> None:
    upstream.signing_key = RSAKey.generate_key(2048)
    upstream.header = {"kid": named}
    await expect_refused(browser)


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "at+jwt"},
        {"typ": "logout+JWT"},
        {"crit": ["b64"], "b64": True},
        {"crit": []},
        {"alg": "RS512"},
        {"alg": "PS256"},
        {"kid": 7},
    ],
    ids=str,
)
async def test_a_token_of_another_kind_is_refused(
    browser: Browser, upstream: Upstream, header: dict[str, Any]
) -> None:
    upstream.header = header
    await expect_refused(browser)


async def test_a_key_inside_the_token_is_not_used(browser: Browser, upstream: Upstream) -> None:
    """`jwk`, `jku` and `x5u` say where to find a key, and anybody can say that (RFC 8725 section 3.10)."""
    upstream.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    jwk = upstream.signing_key.as_dict(private=False)
    upstream.header = {"jwk": jwk, "jku": f"{upstream.url}/jwks", "x5u": f"{upstream.url}/jwks"}
    await expect_refused(browser)


NO_TOKENS: list[Any] = [
    {"id_token": None},
    {"id_token": ""},
    {"id_token": "x"},
    {"id_token": "a.b.c"},
    {"id_token": "é.b.c"},
    {"id_token": f"{encoded(b'[]')}.{encoded(b'{}')}.x"},
    {"id_token": "x" * 20_000},
    {"id_token": 7},
    {"id_token": ["x"]},
    {"access_token": None},
    {"access_token": 7},
    {"access_token": "a\r\nHost: evil.test"},
]


@pytest.mark.parametrize("token", NO_TOKENS, ids=lambda token: str(token)[:40])
async def test_a_token_response_without_what_it_should_have_is_refused(
    browser: Browser, upstream: Upstream, token: dict[str, Any]
) -> None:
    upstream.token = token
    await expect_refused(browser)


BAD_ANSWERS = [
    text("", 200),
    text("not JSON", 200),
    text("[]", 200),
    text("null", 200),
    text('{"expires_in": {}}', 200),
    text('{"expires_in": "soon", "access_token": "x"}', 200),
    text('{"error": ["x"]}', 400),
    text('{"error": "invalid_grant", "error_description": 7}', 400),
    text("<h1>Bad gateway</h1>", 502),
    text("", 500),
    text("", 302, Location="http://127.0.0.1:9/"),
    text(b"\xff\xfe", 200),
    text("{" * 10_000, 200),
    text("x" * 600_000, 200),
    text(b"\x1f\x8b", 200, **{"Content-Encoding": "gzip"}),
]


@pytest.mark.parametrize("path", ["token", "userinfo"])
@pytest.mark.parametrize("answer", BAD_ANSWERS, ids=range(len(BAD_ANSWERS)))
async def test_whatever_the_provider_answers_it_is_a_page_and_no_crash(
    browser: Browser, upstream: Upstream, path: str, answer: Any
) -> None:
    upstream.claims_in_userinfo = True
    upstream.answers = {path: answer}
    refused = await browser.sign_in()
    assert refused.status_code in {400, 503}, refused.text
    assert "<h1>" in refused.text
    assert not browser.is_signed_in


async def test_a_provider_that_is_slow_at_the_last_step_is_given_up(
    browser: Browser, upstream: Upstream
) -> None:
    upstream.waits = {"token": 10.0}
    started = time.monotonic()
    answer = await browser.sign_in()
    assert answer.status_code == 503
    assert "Acme does not answer right now" in answer.text
    assert answer.headers["retry-after"]
    assert time.monotonic() - started < 5


async def test_claims_may_come_from_userinfo(browser: Browser, upstream: Upstream) -> None:
    upstream.claims_in_userinfo = True
    await expect_good(browser)
    assert (await browser.me())["email"] == upstream.person["email"]


# SECURITY 20
@pytest.mark.parametrize("subject", ["somebody else", "", None])
async def test_a_profile_of_somebody_else_is_refused(
    browser: Browser, upstream: Upstream, subject: str | None
) -> None:
    """Otherwise a swapped access token would bring another's address (OpenID Connect Core section 5.3.2)."""
    upstream.claims_in_userinfo = True
    upstream.userinfo = {"sub": subject, "email": "victim@example.org"}
    answer = await browser.sign_in()
    assert answer.status_code in {400, 503}
    assert not browser.is_signed_in


async def test_userinfo_fills_in_what_the_id_token_leaves_out(browser: Browser, upstream: Upstream) -> None:
    upstream.person = person()
    upstream.claims = {"name": None}
    upstream.userinfo = {"name": "From elsewhere", "email": None, "email_verified": None}
    await expect_good(browser)
    me = await browser.me()
    assert (me["name"], me["email"]) == ("From elsewhere", upstream.person["email"])
