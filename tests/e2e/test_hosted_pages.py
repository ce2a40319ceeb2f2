"""The hosted pages in Chromium: a whole life of an account without JavaScript, by the keyboard, and what axe finds."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from common.testing.npm import installed
from tests.e2e.people import PASSWORD, Person
from tests.e2e.stack import Stack

AXE = "axe-core@4.14.1"
NEW_PASSWORD = "another horse, another battery"
TOTP_STEP = 30


class Visitor:
    """Somebody at a page."""

    def __init__(self, stack: Stack, page: Page) -> None:
        self.stack, self.page = stack, page
        self.gateway = str(stack.run["gateway"])
        self.email = f"{uuid4().hex}@example.com"
        self.secret, self.codes = "", list[str]()

    def open(self, path: str) -> None:
        self.page.goto(f"{self.gateway}{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).click()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def reads(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading.replace("-", "-\u2060"))

    def register(self) -> None:
        self.open("/auth/ui/register")
        self.fill("Your name", "Ada Lovelace")
        self.fill("E-mail address", self.email)
        self.fill("Password", PASSWORD)
        self.press("Make my account")
        self.reads("Security settings")

    def sign_out(self) -> None:
        self.follow("Sign out")
        self.press("Sign out")
        self.reads("You are signed out")

    def sign_in(self, password: str = PASSWORD) -> None:
        self.open("/auth/ui/login")
        self.fill("E-mail address", self.email)
        self.fill("Password", password)
        self.press("Sign in")

    def mailed_link(self) -> str:
        person = Person.__new__(Person)
        person.stack, person.email = self.stack, self.email
        return person.verification_link()

    def set_up_totp(self) -> None:
        self.open("/auth/ui/security/authenticator")
        self.press("Set up")
        self.secret = self.page.locator("#secret").inner_text().replace(" ", "")
        self.fill("Code from your app", pyotp.TOTP(self.secret).now())
        self.press("Confirm")
        self.reads("Your recovery codes")
        self.codes = self.page.locator("#codes li").all_inner_texts()

    def later_code(self) -> str:
        """Of the step after this one, which is taken too: none is taken twice."""
        return pyotp.TOTP(self.secret).at(time.time() + TOTP_STEP)


def context(browser: Browser, **options: Any) -> BrowserContext:
    return browser.new_context(locale=options.pop("locale", "en"), **options)


def test_an_account_lives_without_javascript(stack: Stack, chromium: Browser) -> None:
    device, other = (context(chromium, java_script_enabled=False) for _ in range(2))
    ada = Visitor(stack, device.new_page())

    ada.register()
    ada.page.goto(ada.mailed_link())
    ada.press("Confirm my e-mail address")
    ada.reads("Your e-mail address is confirmed")
    ada.follow("Go to my account")
    ada.sign_out()

    ada.sign_in("not the password of anybody")
    expect(ada.page.get_by_role("alert")).to_contain_text("do not belong together")
    ada.sign_in()
    ada.reads("Security settings")
    ada.set_up_totp()
    assert len(set(ada.codes)) == 10
    ada.follow("I have kept them")
    ada.sign_out()

    ada.sign_in()
    ada.reads("One more step")
    ada.fill("Code from your app", "000000")
    ada.press("Sign in")
    expect(ada.page.get_by_label("Code from your app")).to_have_attribute("aria-invalid", "true")
    ada.fill("Code from your app", ada.later_code())
    ada.press("Sign in")
    ada.reads("Security settings")

    phone = Visitor(stack, other.new_page())
    phone.email = ada.email
    phone.sign_in()
    phone.follow("Use a recovery code")
    phone.fill("Recovery code", ada.codes[0])
    phone.press("Sign in")
    phone.reads("Security settings")
    expect(phone.page.get_by_text("9 codes left")).to_be_visible()

    ada.open("/auth/ui/security/password")
    ada.fill("Current password", PASSWORD)
    ada.fill("New password", NEW_PASSWORD)
    ada.page.get_by_label("Sign out all other devices").uncheck()
    ada.press("Change password")
    expect(ada.page.get_by_role("status")).to_have_text("Your password is changed.")

    ada.press("Sign out all other devices")
    expect(ada.page.get_by_role("status")).to_have_text("All other devices are signed out.")
    phone.open("/auth/ui/security")
    phone.reads("Sign in")
    device.close()
    other.close()


def test_the_keyboard_is_enough(stack: Stack, chromium: Browser) -> None:
    ada = Visitor(stack, context(chromium).new_page())
    ada.open("/auth/ui/register")
    keyboard = ada.page.keyboard
    for text in ("Ada Lovelace", ada.email, PASSWORD):
        keyboard.type(text)  # the first field has the focus
        keyboard.press("Tab")
    keyboard.press("Enter")  # on the button that shows the password
    shown = ada.page.get_by_label("Password", exact=True)
    expect(shown).to_have_attribute("type", "text")
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    ada.reads("Security settings")
    keyboard.press("Tab")
    expect(ada.page.get_by_role("link", name="Skip to content")).to_be_focused()
    ada.page.context.close()


def test_a_language_is_chosen_once_and_for_all_pages(stack: Stack, chromium: Browser) -> None:
    ada = Visitor(stack, context(chromium, java_script_enabled=False).new_page())
    ada.open("/auth/ui/login?continue=%2Fauth%2Fui%2Fsecurity%2Fpassword")
    ada.page.get_by_role("button", name="العربية").click()
    assert ada.page.url.endswith("/auth/ui/login?continue=%2Fauth%2Fui%2Fsecurity%2Fpassword")
    expect(ada.page.locator("html")).to_have_attribute("dir", "rtl")
    ada.open("/auth/ui/register")
    expect(ada.page.locator("html")).to_have_attribute("lang", "ar")
    ada.page.context.close()


@pytest.fixture(scope="module")
def axe() -> str:
    return (installed(AXE) / "node_modules" / "axe-core" / "axe.min.js").read_text()


SIGNED_OUT = (
    "login", "register", "reset", "reset/sent", "reset/done", "reset?token=x", "verify?token=x", "verify/resend",
    "magic/sent", "magic?token=x", "mfa", "logout",
)  # fmt: skip
SIGNED_IN = (
    "security", "security?done=password", "security/activity", "security/password", "security/authenticator",
    "security/recovery-codes", "security/passkeys/new", "security/api-keys/new", "step-up", "logout", "device",
)  # fmt: skip
LOOKS = [("en", "light"), ("en", "dark"), ("de", "light"), ("ar", "light"), ("ar", "dark")]


def faults(page: Page, axe: str) -> list[str]:
    """What axe calls serious or critical on a page."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url}: {violation['id']}: {json.dumps([node['target'] for node in violation['nodes']])}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]


@pytest.fixture(scope="module")
def account(stack: Stack, chromium: Browser) -> Iterator[Any]:
    """The state of a browser that somebody with a second factor, a key and two devices is signed in with."""
    ada = Visitor(stack, context(chromium).new_page())
    ada.register()
    person = Person.__new__(Person)
    person.stack, person.email, person.http = stack, ada.email, stack.client()
    person.login()
    ada.open("/auth/ui/security/api-keys/new")
    ada.fill("What it is for", "Build of my site")
    ada.page.get_by_role("checkbox").first.check()
    ada.press("Make the key")
    ada.reads("Your new API key")
    ada.set_up_totp()
    ada.open("/auth/ui/step-up")
    ada.fill("Code from your app", ada.later_code())
    ada.press("Confirm")
    ada.reads("Security settings")
    yield ada.page.context.storage_state()
    ada.page.context.close()


@pytest.mark.parametrize(("locale", "scheme"), LOOKS)
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_serious(
    stack: Stack, chromium: Browser, account: Any, axe: str, locale: str, scheme: Any, width: int
) -> None:
    options: dict[str, Any] = {
        "locale": locale,
        "color_scheme": scheme,
        "viewport": {"width": width, "height": 844},
        # The page's own policy would not let axe in.
        "bypass_csp": True,
    }
    found = []
    for state, paths in ((None, SIGNED_OUT), (account, SIGNED_IN)):
        browser = context(chromium, storage_state=state, **options)
        page = browser.new_page()
        for path in paths:
            page.goto(f"{stack.run['gateway']}/auth/ui/{path}")
            found += faults(page, axe)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        browser.close()
    assert found == []


def test_forms_that_were_refused_are_as_accessible(stack: Stack, chromium: Browser, axe: str) -> None:
    ada = Visitor(stack, context(chromium, bypass_csp=True).new_page())
    ada.open("/auth/ui/register")
    ada.page.evaluate("document.querySelector('main form').noValidate = true")
    ada.press("Make my account")
    expect(ada.page.get_by_role("alert")).to_contain_text("Please look at this again:")
    assert faults(ada.page, axe) == []
    ada.page.get_by_role("alert").get_by_role("link", name="Password").click()
    expect(ada.page.get_by_label("Password", exact=True)).to_be_focused()
    ada.page.context.close()
