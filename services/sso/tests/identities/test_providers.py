"""Providers that are away, slow, wrong about themselves, or that change their keys."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from sso.identities import kept

from .browser import Browser
from .upstream import Upstream, text


async def expect_away(browser: Browser, provider: str) -> httpx.Response:
    answer = await browser.get(f"/auth/oauth/{provider}/start", params={"continue": "/r/x"})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "does not answer right now" in answer.text
    assert 'href="/auth/ui/login?continue=%2Fr%2Fx"' in answer.text
    assert answer.headers["retry-after"]
    assert browser.cookies == {}
    return answer


async def test_a_provider_that_is_away_is_a_page_with_a_way_back(browser: Browser) -> None:
    answer = await expect_away(browser, "away")
    assert "<title>Away does not answer right now" in answer.text


async def test_nothing_is_asked_before_somebody_comes(
    browser: Browser, fresh: str, upstream: Upstream
) -> None:
    assert upstream.requests == []
    for _ in range(3):
        assert (await browser.sign_in(fresh)).status_code == 303
    assert [upstream.requests.count(name) for name in ("discovery", "jwks")] == [1, 1]


DOCUMENTS: list[dict[str, Any]] = [
    {"issuer": "https://evil.test"},
    {"issuer": "{url}/"},
    {"issuer": None},
    {"token_endpoint": None},
    {"token_endpoint": "ftp://evil.test/"},
    {"token_endpoint": "javascript:alert(1)"},
    {"jwks_uri": "file:///etc/passwd"},
    {"jwks_uri": 7},
    {"userinfo_endpoint": "https://user@evil.test/"},
    {"authorization_endpoint": "//evil.test"},
    {"authorization_endpoint": "https://evil.test/\r\nSet-Cookie: a=b"},
    {"id_token_signing_alg_values_supported": "RS256"},
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
async def test_a_provider_that_is_wrong_about_itself_is_as_one_that_is_away(
    browser: Browser, fresh: str, upstream: Upstream, document: dict[str, Any]
) -> None:
    upstream.document = {
        name: value.replace("{url}", upstream.url) if isinstance(value, str) else value
        for name, value in document.items()
    }
    await expect_away(browser, fresh)


async def test_a_provider_that_is_slow_or_says_too_much_is_as_one_that_is_away(
    browser: Browser, fresh: str, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "RETRY_AFTER", 0.0)
    for answer in (
        text("x" * 600_000),
        text("", 404),
        text("", 500),
        text("[", 200),
        text("", 301, Location="/"),
    ):
        upstream.answers = {"discovery": answer}
        await expect_away(browser, fresh)
    upstream.answers, upstream.waits = {}, {"discovery": 10.0}
    started = time.monotonic()
    await expect_away(browser, fresh)
    assert time.monotonic() - started < 5
    upstream.waits = {}
    assert (await browser.sign_in(fresh)).status_code == 303


async def test_a_provider_that_hangs_is_asked_once_for_all_that_wait(
    browser: Browser, fresh: str, upstream: Upstream
) -> None:
    upstream.waits = {"discovery": 10.0}
    started = time.monotonic()
    answers = await asyncio.gather(*(browser.get(f"/auth/oauth/{fresh}/start") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {503}
    assert time.monotonic() - started < 5
    assert upstream.requests == ["discovery"]


async def test_an_unknown_key_is_looked_for_but_not_again_and_again(
    browser: Browser, fresh: str, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await browser.sign_in(fresh)).status_code == 303
    browser.cookies.pop("__Host-resumax_refresh")
    upstream.header = {"kid": "made up"}
    for _ in range(3):
        assert (await browser.sign_in(fresh)).status_code == 400
    assert upstream.requests.count("jwks") == 1  # fetched less than 30 s ago
    monkeypatch.setattr(kept, "REFETCH_AFTER", 0.0)
    assert (await browser.sign_in(fresh)).status_code == 400
    assert upstream.requests.count("jwks") == 2


async def test_a_provider_may_change_its_keys(
    browser: Browser, fresh: str, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "REFETCH_AFTER", 0.0)
    assert (await browser.sign_in(fresh)).status_code == 303
    upstream.signing_key = RSAKey.generate_key(2048, {"kid": "two"})
    upstream.header = {"kid": "two"}
    upstream.keys = [upstream.signing_key.as_dict(private=False)]
    assert (await browser.sign_in(fresh)).status_code == 303


async def test_keys_are_kept_while_they_cannot_be_fetched_anew(
    browser: Browser, fresh: str, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await browser.sign_in(fresh)).status_code == 303
    monkeypatch.setattr(kept, "FRESH_FOR", 0.0)
    upstream.answers = {name: text("", 503) for name in ("discovery", "jwks")}
    assert (await browser.sign_in(fresh)).status_code == 303
    assert upstream.requests.count("discovery") == 2


SIGNERS: dict[str, Any] = {
    "RS512": RSAKey.generate_key(2048, {"kid": "a"}),
    "PS256": RSAKey.generate_key(2048, {"kid": "b"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "c"}),
    "ES384": ECKey.generate_key("P-384", {"kid": "d", "alg": "ES384"}),
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "e"}),
}


async def test_every_algorithm_with_a_public_key_that_the_provider_announces_will_do(
    browser: Browser, fresh: str, upstream: Upstream
) -> None:
    upstream.document = {"id_token_signing_alg_values_supported": list(SIGNERS)}
    useless = [
        {"kty": "oct", "k": "AAAA", "kid": "a"},
        {"kty": "RSA"},
        {"kty": "?"},
        upstream.key.as_dict(private=False) | {"use": "enc", "kid": "a"},
    ]
    upstream.keys = [*useless, *(key.as_dict(private=False) for key in SIGNERS.values())]
    upstream.claims = {"at_hash": None}
    for algorithm, key in SIGNERS.items():
        upstream.signs_with, upstream.signing_key, upstream.header = algorithm, key, {"kid": key.kid}
        assert (await browser.sign_in(fresh)).status_code == 303, algorithm
    # But not one that it does not.
    upstream.signs_with, upstream.signing_key, upstream.header = "RS256", SIGNERS["RS512"], {"kid": "a"}
    assert (await browser.sign_in(fresh)).status_code == 400


async def test_the_only_key_that_fits_needs_no_name(
    browser: Browser, fresh: str, unused: Iterator[str], upstream: Upstream
) -> None:
    upstream.header = {"kid": None}
    assert (await browser.sign_in(fresh)).status_code == 303
    upstream.keys = [upstream.key.as_dict(private=False), RSAKey.generate_key(2048).as_dict(private=False)]
    assert (await browser.sign_in(next(unused))).status_code == 400


# SECURITY 20
async def test_a_provider_that_announces_its_issuer_in_responses_has_to_name_it(
    browser: Browser, fresh: str, upstream: Upstream
) -> None:
    """RFC 9207 section 2.4"""
    upstream.document = {"authorization_response_iss_parameter_supported": True}
    assert (await browser.sign_in(fresh)).status_code == 400
    upstream.response = {"iss": upstream.url}
    assert (await browser.sign_in(fresh)).status_code == 303


@pytest.mark.parametrize(
    ("supported", "in_form"),
    [
        (["client_secret_post"], True),
        (["client_secret_post", "client_secret_basic"], False),
        (["private_key_jwt"], False),
        (None, False),
    ],
)
async def test_our_secret_goes_to_the_provider_in_the_way_it_takes(
    browser: Browser, fresh: str, upstream: Upstream, supported: list[str] | None, in_form: bool
) -> None:
    upstream.document = {"token_endpoint_auth_methods_supported": supported}
    assert (await browser.sign_in(fresh)).status_code == 303
    assert upstream.secret_in_form is in_form


async def test_the_settings_may_say_how_our_secret_goes_and_which_scopes_we_ask_for(
    browser: Browser, upstream: Upstream
) -> None:
    assert (await browser.sign_in("posting")).status_code == 303
    assert upstream.secret_in_form
    assert (await browser.sign_in("scoped")).status_code == 303
    assert upstream.asked["scope"] == "openid email r_basicprofile"


# SECURITY 23
async def test_a_document_does_not_lead_us_into_our_own_network(
    browser: Browser, fresh: str, upstream: Upstream
) -> None:
    """`127.0.0.1` is where the settings say that the provider is; `localhost` is what it says itself."""
    upstream.document = {"jwks_uri": f"{upstream.url}/jwks".replace("127.0.0.1", "localhost")}
    assert (await browser.sign_in(fresh)).status_code == 503
    assert "jwks" not in upstream.requests
