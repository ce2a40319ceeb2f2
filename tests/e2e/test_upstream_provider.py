"""Signing in at another provider that nobody here wrote: npm's oidc-provider, through the gateway."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e import upstream
from tests.e2e.people import PASSWORD, Form, Person
from tests.e2e.stack import Stack

START = f"/auth/oauth/{upstream.ID}/start"


@pytest.fixture(scope="module", autouse=True)
def _provider(stack: Stack, upstream_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    log = tmp_path_factory.mktemp("upstream") / "log"
    with upstream.running(upstream_url, gateway=stack.run["gateway"], log=log):
        yield


@pytest.fixture
def browser(stack: Stack) -> Iterator[httpx.Client]:
    """Follows redirects and keeps cookies, as a browser without JavaScript does."""
    with httpx.Client(base_url=stack.run["gateway"], follow_redirects=True, trust_env=False) as client:
        yield client


def press(browser: httpx.Client, page: httpx.Response, **fields: str) -> httpx.Response:
    form = Form(page.text)
    origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
    return browser.request(
        form.method, page.url.join(form.action), data=form.fields | fields, headers={"Origin": origin}
    )


def sign_in(browser: httpx.Client, name: str, **query: str) -> httpx.Response:
    """Through both pages of the provider, for its name and its consent, and back; where that ends."""
    login = browser.get(START, params=query)
    assert login.url.port != browser.base_url.port, login.text
    consent = press(browser, login, login=name, password="any will do")
    return press(browser, consent)


def me(browser: httpx.Client) -> dict[str, Any]:
    tokens = browser.post("/auth/refresh", headers={"Origin": str(browser.base_url).rstrip("/")})
    assert tokens.status_code == 200, tokens.text
    headers = {"Authorization": f"Bearer {tokens.json()['accessToken']}"}
    answer = browser.get("/auth/me", headers=headers)
    identities = browser.get("/auth/identities", headers=headers).json()["items"]
    return {**answer.json(), "identities": [found["provider"] for found in identities]}


def test_somebody_new_signs_in_and_is_known_the_next_time(stack: Stack, browser: httpx.Client) -> None:
    name = f"grace-{uuid4().hex}"
    sign_in(browser, name, redirectUri="/auth/openapi.json")
    first = me(browser)
    assert (first["email"], first["emailVerified"]) == (f"{name}@upstream.example", True)
    assert (first["name"], first["locale"], first["identities"]) == (name, "de", [upstream.ID])
    with httpx.Client(base_url=browser.base_url, follow_redirects=True, trust_env=False) as elsewhere:
        landed = sign_in(elsewhere, name, redirectUri="/auth/openapi.json")
        assert (landed.status_code, landed.url.path) == (200, "/auth/openapi.json")
        assert me(elsewhere)["id"] == first["id"]


def test_somebody_who_turns_back_is_told_and_signed_in_nowhere(browser: httpx.Client) -> None:
    login = browser.get(START, params={"continue": "/auth/docs"})
    page = browser.get(f"{login.url}/abort")
    assert page.status_code == 400
    assert "Nobody was signed in" in page.text
    assert 'href="/auth/ui/login?continue=%2Fauth%2Fdocs"' in page.text


def test_an_account_is_not_taken_over_by_the_address_that_the_provider_says(
    stack: Stack, browser: httpx.Client
) -> None:
    name = f"victim-{uuid4().hex}"
    body = {"email": f"{name}@upstream.example", "password": PASSWORD, "name": "Ada"}
    with stack.client() as http:
        assert http.post("/auth/register", json=body).status_code == 201
    refused = sign_in(browser, name)
    assert refused.status_code == 400
    assert "already in use here" in refused.text
    assert "resumax_refresh" not in browser.cookies


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context()
    yield context
    context.close()


def through_the_provider(page: Page, name: str) -> None:
    page.wait_for_url("**/interaction/*")
    page.fill("[name=login]", name)
    page.fill("[name=password]", "any will do")
    page.click("[type=submit]")
    page.click("[type=submit]")


def test_the_pages_lead_to_the_provider_and_back(stack: Stack, context: BrowserContext) -> None:
    """Linking begins with a form, and Chrome takes redirects after a form for a part of it, which `form-action 'self'`
    forbids to lead elsewhere."""
    person, page, name = Person(stack), context.new_page(), f"linked-{uuid4().hex}"
    security = f"{stack.run['gateway']}/auth/ui/security"
    page.goto(security)
    page.fill("[name=email]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(security)
    page.get_by_role("button", name="Link Upstream").click()
    through_the_provider(page, name)
    page.wait_for_url(security)
    assert f"{name}@upstream.example" in page.inner_text("main")
    listed = person.http.get("/auth/identities").json()["items"]
    assert [(found["provider"], found["email"]) for found in listed] == [
        (upstream.ID, f"{name}@upstream.example")
    ]
    context.clear_cookies()
    page.goto(security)
    page.get_by_role("link", name="Sign in with Upstream").click()
    through_the_provider(page, name)
    page.wait_for_url(security)
    assert person.email in page.inner_text("main")
    page.close()
