"""GitHub, LinkedIn, Google: what each has that no other has."""

from typing import Any

import httpx
import pytest

from common.ids import new_id

from .browser import Browser, query_of
from .upstream import Upstream, person, text


def hubber(**changes: Any) -> dict[str, Any]:
    return person(**({"sub": new_id().int % 10**12} | changes))


async def test_somebody_signs_in_with_github_by_the_number_of_the_account(
    browser: Browser, another_browser: Browser, upstream: Upstream
) -> None:
    upstream.person = hubber()
    answer = await browser.sign_in("hub")
    assert answer.status_code == 303, answer.text
    me = await browser.me()
    assert (me["email"], me["emailVerified"], me["name"]) == (upstream.person["email"], True, "Grace Hopper")
    asked = upstream.asked
    assert (asked["scope"], asked["code_challenge_method"]) == ("read:user user:email", "S256")
    assert "nonce" not in asked
    upstream.person |= {"name": "Renamed", "email": "moved@example.org"}
    await another_browser.sign_in("hub")
    assert (await another_browser.me())["id"] == me["id"]


async def test_the_address_of_github_counts_only_if_it_is_primary_and_verified(
    browser: Browser, upstream: Upstream
) -> None:
    """And never the public one of the profile, which is whatever its owner wrote."""
    upstream.person = hubber(email_verified=False)
    assert "has not confirmed" in (await browser.sign_in("hub")).text
    for answer in (text("", 403), text("", 404), text("[]")):
        upstream.answers = {"emails": answer}
        assert "has not confirmed" in (await browser.sign_in("hub")).text
    assert not browser.is_signed_in


# SECURITY 20
async def test_an_account_is_never_taken_over_by_the_address_at_github(
    browser: Browser, upstream: Upstream, account: Any
) -> None:
    upstream.person = hubber(email=account.email)
    assert "already in use" in (await browser.sign_in("hub")).text
    assert not browser.is_signed_in


@pytest.mark.parametrize(
    ("named", "status"),
    [("{url}/login/oauth", 303), ("{url}", 400), ("https://github.com/login/oauth", 400), ("", 400)],
)
async def test_github_names_itself_by_its_oauth_server(
    browser: Browser, upstream: Upstream, named: str, status: int
) -> None:
    upstream.person = hubber()
    upstream.response = {"iss": named.format(url=upstream.url)}
    assert (await browser.sign_in("hub")).status_code == status


@pytest.mark.parametrize(
    "answers",
    [
        {"token": text('{"error": "bad_verification_code"}')},
        {"token": text('{"access_token": 7}')},
        {"token": text("error=bad_verification_code")},
        {"user": text("{}")},
        {"user": text('{"id": 0, "login": "x"}')},
        {"user": text('{"id": "7", "login": "x"}')},
        {"user": text('{"id": null, "login": "x"}')},
        {"user": text("", 500)},
        {"emails": text("", 502)},
        {"emails": text("{}")},
    ],
)
async def test_what_github_answers_wrong_signs_nobody_in(
    browser: Browser, upstream: Upstream, answers: dict[str, Any]
) -> None:
    upstream.person = hubber()
    upstream.answers = answers
    answer = await browser.sign_in("hub")
    assert answer.status_code in {400, 503}
    assert not browser.is_signed_in


# SECURITY 20
async def test_a_code_of_somebody_else_is_worth_nothing_at_github(
    browser: Browser, another_browser: Browser, upstream: Upstream
) -> None:
    upstream.person = hubber()
    stolen = query_of(await browser.go("hub"))["code"]
    thief = query_of(await another_browser.go("hub"))["state"]
    answer = await another_browser.get(f"/auth/oauth/hub/callback?code={stolen}&state={thief}")
    assert (answer.status_code, another_browser.is_signed_in) == (400, False)


async def test_a_provider_without_pkce_and_nonce_works_with_what_it_has(
    browser: Browser, other: Upstream
) -> None:
    """LinkedIn: its secret comes in the form, a `code_verifier` would be refused, `email_verified` is a word."""
    other.claims = {"nonce": None, "email_verified": "true", "locale": {"country": "US", "language": "en"}}
    answer = await browser.sign_in("plain")
    assert answer.status_code == 303, answer.text
    assert "code_challenge" not in other.asked
    assert other.asked["nonce"]  # should it learn to


async def test_a_nonce_that_is_there_has_to_be_right_all_the_same(browser: Browser, other: Upstream) -> None:
    other.claims = {"nonce": "of another sign-in"}
    assert (await browser.sign_in("plain")).status_code == 400


async def test_the_providers_are_listed_for_login_pages(federated: httpx.AsyncClient) -> None:
    answer = await federated.get("/auth/providers")
    assert answer.status_code == 200
    assert answer.json()["items"][:5] == [
        {"id": "acme", "name": "Acme"},
        {"id": "other", "name": "Other"},
        {"id": "hub", "name": "Hub"},
        {"id": "plain", "name": "Plain"},
        {"id": "away", "name": "Away"},
    ]


async def test_without_settings_there_are_none(client: httpx.AsyncClient) -> None:
    assert (await client.get("/auth/providers")).json()["items"] == []
    assert (await client.get("/auth/oauth/google/start")).status_code == 404


@pytest.mark.parametrize("path", ["start", "callback", "callback?code=x&state=y"])
@pytest.mark.parametrize("provider", ["nobody", "ACME", "acme%00", "%2e%2e", "acme%20"])
async def test_a_provider_that_there_is_not_is_a_page(browser: Browser, provider: str, path: str) -> None:
    answer = await browser.get(f"/auth/oauth/{provider}/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_pages_speak_the_language_of_the_browser(
    federated: httpx.AsyncClient, upstream: Upstream
) -> None:
    browser = Browser(federated, **{"Accept-Language": "de-AT,de;q=0.9"})
    upstream.person = person(email_verified=False)
    answer = await browser.sign_in()
    assert answer.headers["content-language"] == "de"
    assert "Acme hat deine E-Mail-Adresse nicht bestätigt" in answer.text
    upstream.person = person()
    await browser.sign_in()
    assert (await browser.me())["locale"] == "de"
