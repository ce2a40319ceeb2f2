"""Apps that nobody here wrote sign people in: npm's openid-client, oauth4webapi, and oidc-client-ts in Chromium."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey
from playwright.sync_api import Browser, Page, expect

from tests.e2e.openid import program, spa
from tests.e2e.openid.browser import Visitor
from tests.e2e.people import PASSWORD, Person, Staff
from tests.e2e.stack import Stack

Register = Callable[..., dict[str, Any]]
SCOPES = ["openid", "profile", "email", "offline_access", "resumes:read", "resumes:write"]
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = ["authorization_code", "refresh_token", DEVICE]


@pytest.fixture(scope="module")
def register(stack: Stack) -> Register:
    """Register an app, as staff do it."""
    staff = Staff(stack)
    staff.set_up_second_factor()
    staff.step_up()

    def make(**description: Any) -> dict[str, Any]:
        wanted = {"name": "An app", "scopes": SCOPES, "grantTypes": GRANTS} | description
        answer = staff.http.post("/oauth2/clients", json=wanted)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    return make


@pytest.fixture
def person(stack: Stack) -> Person:
    return Person(stack)


@pytest.fixture
def visitor(stack: Stack, person: Person) -> Iterator[Visitor]:
    visitor = Visitor(stack.run["gateway"], person.email)
    yield visitor
    visitor.close()


def test_openid_client_finds_all_that_discovery_says(
    stack: Stack, register: Register, person: Person, visitor: Visitor
) -> None:
    made = register(
        kind="confidential",
        redirectUris=["http://127.0.0.1:9/callback"],
        postLogoutRedirectUris=["http://127.0.0.1:9/goodbye"],
        grantTypes=[*GRANTS, "client_credentials"],
    )
    setting = {
        "issuer": stack.run["gateway"],
        "clientId": made["client"]["id"],
        "clientSecret": made["clientSecret"],
        "redirectUri": "http://127.0.0.1:9/callback",
        "goodbyeUri": "http://127.0.0.1:9/goodbye",
        "foreignToken": person.tokens["accessToken"],
    }
    found = program.run("openid-client.mjs", setting, visit=visitor.visit)
    assert (found["user"]["sub"], found["user"]["email"]) == (found["subject"], person.email)
    assert (found["described"]["active"], found["described"]["sub"]) == (True, found["subject"])
    assert (found["foreign"], found["over"]) == ({"active": False}, {"active": False})
    assert (found["silent"], found["revoked"], found["refreshed"]) == (True, True, True)
    assert abs(found["authTime"] - time.time()) < 120
    assert (found["ownScope"], found["deviceSubject"]) == ("resumes:read", found["subject"])
    assert found["goodbye"] == "http://127.0.0.1:9/goodbye?state=bye"


def test_oauth4webapi_finds_every_answer_right_to_the_letter(
    stack: Stack, register: Register, person: Person, visitor: Visitor
) -> None:
    key = ECKey.generate_key("P-256", {"use": "sig", "kid": "of-the-app"})
    signing = register(
        kind="confidential",
        authMethod="private_key_jwt",
        jwks={"keys": [key.as_dict(private=False)]},
        redirectUris=["https://app.example/callback"],
    )
    native = register(kind="public", redirectUris=["http://127.0.0.1/callback"])
    setting = {
        "issuer": stack.run["gateway"],
        "signingId": signing["client"]["id"],
        "signingUri": "https://app.example/callback",
        "key": key.as_dict(private=True),
        "nativeId": native["client"]["id"],
        "nativeUri": "http://127.0.0.1:49152/callback",
    }
    found = program.run("oauth4webapi.mjs", setting, visit=visitor.visit)
    for made, outcome in ((signing, found["signed"]), (native, found["native"])):
        assert outcome["client"] == made["client"]["id"]
        assert (outcome["email"], outcome["refreshed"]) == (person.email, True)
        assert outcome["scope"] == "openid email offline_access resumes:read"
    assert found["signed"]["sub"] == found["native"]["sub"]
    assert (found["told"], found["pending"]) == ({"active": False}, "authorization_pending")
    assert found["sameIssuer"]


def sign_in(page: Page, person: Person) -> None:
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture
def app(stack: Stack, register: Register, tmp_path: Path) -> Iterator[str]:
    """The origin of an app that runs in the browser, and is not one of our own."""
    spa.assemble(tmp_path)
    with spa.served(tmp_path) as origin:
        made = register(
            name="Notes",
            kind="public",
            redirectUris=[f"{origin}/"],
            postLogoutRedirectUris=[f"{origin}/"],
            grantTypes=["authorization_code", "refresh_token"],
        )
        spa.configure(tmp_path, issuer=stack.run["gateway"], client_id=made["client"]["id"])
        yield origin


def test_an_app_in_chromium_signs_somebody_in_refreshes_and_signs_them_out(
    stack: Stack, chromium: Browser, app: str, person: Person
) -> None:
    assert app.partition("//")[2].partition(":")[0] not in stack.run["gateway"], "it is to be another site"
    page = chromium.new_page()
    page.goto(app)
    expect(page.locator("#email")).to_have_text("nobody")
    page.get_by_role("button", name="Sign in").click()
    sign_in(page, person)
    expect(page.get_by_role("heading", name="Let Notes use your account?")).to_be_visible()
    page.get_by_role("button", name="Allow").click()
    expect(page.locator("#email")).to_have_text(person.email)
    expect(page).to_have_url(f"{app}/")
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("#count")).to_have_text("2")
    expect(page.locator("#error")).to_be_empty()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{app}/")
    expect(page.locator("#email")).to_have_text("nobody")
    # Signed out at the platform too. What listens on this machine may be any program, so it is asked about each time.
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/auth/ui/login"))
    sign_in(page, person)
    page.get_by_role("button", name="Allow").click()
    expect(page.locator("#email")).to_have_text(person.email)
    page.context.close()


def test_who_says_no_goes_back_to_the_app_with_nothing(chromium: Browser, app: str, person: Person) -> None:
    page = chromium.new_page()
    page.goto(app)
    page.get_by_role("button", name="Sign in").click()
    sign_in(page, person)
    page.get_by_role("button", name="Deny").click()
    expect(page.locator("#error")).to_have_text("access_denied")
    expect(page.locator("#email")).to_have_text("nobody")
    page.context.close()
