"""Passkeys in Chromium, whose virtual authenticator makes keys, counts and signs as a real one does."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.people import PASSWORD, Person
from tests.e2e.stack import Stack, eventually

SECURITY, NEW = re.compile(r"/auth/ui/security(\?.*)?(#.*)?$"), "/auth/ui/security/passkeys/new"
# Chromium takes the first passkey that it would suggest in a field, as nobody is there to choose; so unless asked.
NO_SUGGESTIONS = """if (!localStorage.getItem("suggestions"))
  PublicKeyCredential.isConditionalMediationAvailable = async () => false;"""
ADD, SIGN_IN, USE = "Add a passkey", "Sign in with a passkey", "Use a passkey"


class Authenticator:
    """The virtual authenticator of a page, by the DevTools protocol."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id = {"authenticatorId": made["authenticatorId"]}

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        return dict(self._session.send(f"WebAuthn.{method}", self._id | params))

    def credentials(self) -> list[dict[str, Any]]:
        return list(self.send("getCredentials")["credentials"])

    def rewind(self, sign_count: int) -> None:
        """Go on with a copy of the one passkey that was made when it had counted to `sign_count`."""
        [credential] = self.credentials()
        self.send("removeCredential", credentialId=credential["credentialId"])
        self.send("addCredential", credential=credential | {"signCount": sign_count})


class Visitor:
    """Somebody with an account, in a browser of their own with an authenticator."""

    def __init__(self, stack: Stack, page: Page) -> None:
        self.person, self.page = Person(stack), page
        self.gateway = stack.run["gateway"]
        self.authenticator = Authenticator(page)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.gateway}{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def leave(self) -> None:
        self.page.context.clear_cookies()

    def sign_in_by_password(self) -> None:
        self.open("/auth/ui/login")
        self.page.get_by_label("E-mail address").fill(self.person.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.press("Sign in")

    def add_passkey(self, name: str = "") -> None:
        self.open(NEW)
        if name:
            self.page.get_by_label("Name").fill(name)
        self.press(ADD)

    def sign_in_by_passkey(self) -> None:
        self.leave()
        self.open("/auth/ui/login")
        self.press(SIGN_IN)

    def is_in(self) -> None:
        expect(self.page).to_have_url(SECURITY)
        expect(self.page.get_by_role("banner")).to_contain_text(self.person.email)

    def is_told(self, title: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)


@pytest.fixture
def visitor(stack: Stack, chromium: Browser) -> Iterator[Visitor]:
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(10_000)
    context.add_init_script(NO_SUGGESTIONS)
    yield Visitor(stack, context.new_page())
    context.close()


@pytest.fixture
def owner(visitor: Visitor) -> Visitor:
    """Somebody who has signed in and added a passkey."""
    visitor.sign_in_by_password()
    visitor.is_in()
    visitor.add_passkey("My laptop")
    visitor.is_told("Your recovery codes")
    return visitor


def test_a_passkey_is_added_on_the_security_page_and_signs_in_alone(visitor: Visitor) -> None:
    visitor.sign_in_by_password()
    visitor.is_in()
    visitor.page.get_by_role("link", name=ADD).click()
    visitor.press(ADD)
    visitor.is_told("Your recovery codes")
    assert visitor.page.locator("#codes li").count() == 10
    visitor.page.get_by_role("link", name="I have kept them").click()
    visitor.is_in()
    [credential] = visitor.authenticator.credentials()
    assert (credential["isResidentCredential"], credential["rpId"]) == (True, "localhost")
    visitor.sign_in_by_passkey()
    visitor.is_in()


def test_a_passkey_is_among_what_the_field_suggests(owner: Visitor) -> None:
    owner.page.evaluate("localStorage.setItem('suggestions', 'yes')")
    owner.leave()
    owner.open("/auth/ui/login")
    owner.is_in()


def test_the_button_takes_over_from_the_suggestions(owner: Visitor) -> None:
    owner.page.evaluate("localStorage.setItem('suggestions', 'yes')")
    owner.authenticator.send("setAutomaticPresenceSimulation", enabled=False)
    owner.leave()
    with owner.page.expect_response("**/passkey/login/options"):
        owner.open("/auth/ui/login")
    owner.page.wait_for_timeout(500)  # until the page has asked the browser, which shows nowhere
    owner.authenticator.send("setAutomaticPresenceSimulation", enabled=True)  # for what is asked from now on
    owner.page.wait_for_timeout(300)
    expect(owner.page.get_by_role("button", name=SIGN_IN)).to_be_enabled()
    owner.press(SIGN_IN)
    owner.is_in()


def test_a_passkey_is_the_second_factor_after_the_password(owner: Visitor) -> None:
    owner.leave()
    owner.sign_in_by_password()
    owner.is_told("One more step")
    owner.press(USE)
    owner.is_in()


def test_a_passkey_confirms_who_one_is_before_a_change(owner: Visitor) -> None:
    owner.open(NEW)  # the session has shown the password alone, and there is a second factor now
    owner.is_told("Confirm that it is you")
    owner.press("Confirm with a passkey")
    owner.is_told(ADD)


def test_a_copy_gives_itself_away_by_its_counter(owner: Visitor, stack: Stack) -> None:
    for _ in range(2):
        owner.sign_in_by_passkey()
        owner.is_in()
    owner.authenticator.rewind(1)
    owner.sign_in_by_passkey()
    owner.is_told("This passkey does not work here")
    [passkey] = owner.person.http.get("/auth/passkeys").json()["items"]
    assert (passkey["name"], passkey["disabled"]) == ("My laptop", True)
    # The one that it is a copy of does not work any more either.
    owner.authenticator.rewind(100)
    owner.sign_in_by_passkey()
    owner.is_told("This passkey does not work here")
    trail = owner.person.http.get("/auth/security-events").json()["items"]
    assert [event["kind"] for event in trail].count("passkey.cloned") == 1
    told = eventually(
        lambda: [mail for mail in stack.mails(owner.person.email) if "passkey was" in str(mail["Subject"])]
    )
    assert told


def test_a_device_adds_one_passkey_for_an_account(owner: Visitor) -> None:
    owner.sign_in_by_passkey()
    owner.is_in()
    owner.add_passkey()
    alert = owner.page.get_by_role("alert").filter(has_text="This device has a passkey")
    expect(alert).to_be_visible()
    assert len(owner.authenticator.credentials()) == 1


def test_who_is_not_verified_is_told_and_can_try_again(owner: Visitor) -> None:
    owner.authenticator.send("setUserVerified", isUserVerified=False)
    owner.sign_in_by_passkey()
    alert = owner.page.get_by_role("alert").filter(has_text="Nothing happened")
    expect(alert).to_be_visible(timeout=15_000)
    owner.authenticator.send("setUserVerified", isUserVerified=True)
    owner.press(SIGN_IN)
    owner.is_in()


def test_browsers_that_do_not_speak_json_with_passkeys_use_them_too(visitor: Visitor) -> None:
    visitor.page.add_init_script(
        """for (const name of ["parseCreationOptionsFromJSON", "parseRequestOptionsFromJSON"])
             PublicKeyCredential[name] = undefined;
           PublicKeyCredential.prototype.toJSON = undefined;"""
    )
    visitor.sign_in_by_password()
    visitor.is_in()
    visitor.add_passkey()
    visitor.is_told("Your recovery codes")
    [passkey] = visitor.person.http.get("/auth/passkeys").json()["items"]
    assert passkey["transports"] == ["internal"]
    visitor.sign_in_by_passkey()
    visitor.is_in()


def test_without_a_script_the_pages_offer_what_works(stack: Stack, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{stack.run['gateway']}/auth/ui/login")
    assert page.get_by_role("button", name=SIGN_IN).count() == 0
    context.close()
