"""Linking an identity to one's own account, and removing it: by its signed-in owner alone (SECURITY 20)."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from common.db import Database
from common.ids import new_id, now
from sso.identities.models import Identity
from sso.passkeys.models import Passkey
from sso.security_events.models import SecurityEvent
from sso.sessions.models import Session

from .browser import PUBLIC_URL, Browser
from .conftest import SignedIn
from .upstream import Upstream, person

FORM = "/auth/ui/security/identities"


async def onward(browser: Browser, provider: str = "acme") -> str:
    """Where the form leads."""
    page = await browser.post(f"{FORM}/{provider}")
    assert page.status_code == 200, page.text
    delay, _, address = page.headers["refresh"].partition("; url=")
    assert delay == "0"
    return address


async def link(browser: Browser, provider: str = "acme") -> httpx.Response:
    return await browser.get(await browser.through(await onward(browser, provider)))


async def trail(database: Database, account: Any) -> list[str]:
    async with database.read() as db:
        mine = select(SecurityEvent).where(SecurityEvent.user_id == UUID(account.id))
        return [event.kind for event in await db.scalars(mine.order_by(SecurityEvent.id))]


async def test_an_owner_links_an_identity_and_signs_in_with_it(
    signed_in: SignedIn,
    account: Any,
    upstream: Upstream,
    another_browser: Browser,
    mails: Any,
    database: Database,
) -> None:
    browser = await signed_in(account)
    # Whose address it is makes no difference.
    upstream.person = person(email="elsewhere@example.org", email_verified=False)
    answer = await link(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/security")
    assert "identity.linked" in await trail(database, account)
    mail = await mails.wait_for(account.email, "identity-linked")
    assert mail.data["provider"] == "Acme"
    assert mail.data["link"] == f"{PUBLIC_URL}/auth/ui/security"
    assert (await another_browser.sign_in()).status_code == 303
    me = await another_browser.me()
    assert (me["id"], me["email"]) == (account.id, account.email)
    # Again it changes nothing.
    assert (await link(browser)).status_code == 303
    assert len(await browser.identities()) == 1


async def test_the_page_between_names_the_provider_and_holds_a_link_for_who_stays(
    signed_in: SignedIn, account: Any, upstream: Upstream
) -> None:
    """A redirect would be held against `form-action 'self'` by some browsers."""
    browser = await signed_in(account)
    page = await browser.post(f"{FORM}/acme")
    address = page.headers["refresh"].partition("; url=")[2]
    assert f'href="{address.replace("&", "&amp;")}"' in page.text
    assert "On to Acme" in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]


# SECURITY 14, 20
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "https://evil.test"},
        {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_linking_begins_with_a_form_of_our_own(
    signed_in: SignedIn, account: Any, upstream: Upstream, headers: dict[str, str]
) -> None:
    browser = await signed_in(account)
    assert (await browser.post(f"{FORM}/acme", headers=headers)).status_code == 403
    assert (await browser.get(f"{FORM}/acme")).status_code == 405


# SECURITY 20
async def test_signing_in_while_signed_in_links_nothing(
    signed_in: SignedIn, account: Any, upstream: Upstream
) -> None:
    """Otherwise whoever makes a browser go through a sign-in would add a way into the account of its owner."""
    browser = await signed_in(account)
    upstream.person = person(email=account.email)
    assert (await browser.sign_in()).status_code == 400
    assert await browser.identities() == []
    upstream.person = person()
    assert (await browser.sign_in()).status_code == 303
    assert (await browser.me())["id"] != account.id


# SECURITY 20
async def test_linking_needs_somebody_signed_in(
    browser: Browser, upstream: Upstream, federated: httpx.AsyncClient
) -> None:
    answer = await browser.post(f"{FORM}/acme")
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/login")
    assert (await federated.post("/auth/identities/acme/link")).status_code == 401
    assert (await federated.get("/auth/identities")).status_code == 401


# SECURITY 20
async def test_linking_needs_the_owner_to_be_signed_in_still(
    signed_in: SignedIn, account: Any, upstream: Upstream
) -> None:
    browser = await signed_in(account)
    url = await browser.through(await onward(browser))
    browser.cookies.pop("__Host-resumax_refresh")
    answer = await browser.get(url)
    assert answer.status_code == 400
    assert "You are not signed in any more" in answer.text
    assert await (await signed_in(account)).identities() == []


# SECURITY 20
async def test_nothing_is_linked_to_the_account_of_somebody_else(
    signed_in: SignedIn, register: Any, upstream: Upstream
) -> None:
    """Link CSRF, both ways: the victim opens the thief's return, or the thief's browser is the victim's by now."""
    thief, victim = await register(), await register()
    thiefs, victims = await signed_in(thief), await signed_in(victim)
    url = await thiefs.through(await onward(thiefs))
    assert "Please start again" in (await victims.get(url)).text
    url = await thiefs.through(await onward(thiefs))
    thiefs.cookies["__Host-resumax_refresh"] = victims.cookies["__Host-resumax_refresh"]
    upstream.requests = []
    answer = await thiefs.get(url)
    assert (answer.status_code, upstream.requests) == (400, [])
    assert "You are not signed in any more" in answer.text
    for account in (thief, victim):
        assert await (await signed_in(account)).identities() == []


# SECURITY 20
async def test_an_identity_of_another_account_is_not_moved(
    browser: Browser, signed_in: SignedIn, account: Any, upstream: Upstream
) -> None:
    await browser.sign_in()
    owner = await browser.me()
    other_browser = await signed_in(account)
    answer = await link(other_browser)
    assert answer.status_code == 400
    assert "belongs to another account" in answer.text
    assert await other_browser.identities() == []
    browser.cookies.clear()
    await browser.sign_in()
    assert (await browser.me())["id"] == owner["id"]


# SECURITY 20
async def test_linking_and_removing_need_somebody_who_signed_in_lately(
    signed_in: SignedIn, account: Any, upstream: Upstream, database: Database, federated: httpx.AsyncClient
) -> None:
    browser = await signed_in(account)
    await link(browser)
    identity = (await browser.identities())[0]["id"]
    async with database.write() as db:
        long_ago = now() - timedelta(seconds=901)
        sessions = update(Session).where(Session.user_id == UUID(account.id))
        await db.execute(sessions.values(authenticated_at=long_ago))
    for path, form in ((f"{FORM}/other", {}), (FORM, {"identity": identity})):
        answer = await browser.post(path, data=form)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/auth/ui/step-up")
    headers = await browser.headers()
    for method, path in (("POST", "/auth/identities/acme/link"), ("DELETE", f"/auth/identities/{identity}")):
        answer = await federated.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "STEP_UP_REQUIRED")
    assert len(await browser.identities()) == 1


async def test_a_front_end_links_by_json(
    signed_in: SignedIn, account: Any, upstream: Upstream, federated: httpx.AsyncClient
) -> None:
    browser = await signed_in(account)
    headers = await browser.headers()
    body = {"redirectUri": "https://app.resumax.test/settings"}
    started = await browser.post("/auth/identities/acme/link", json=body, headers=headers)
    assert started.status_code == 200, started.text
    answer = await browser.get(await browser.through(started.json()["redirectTo"]))
    assert (answer.status_code, answer.headers["location"]) == (303, "https://app.resumax.test/settings")
    assert [found["name"] for found in await browser.identities()] == ["Acme"]
    # Not for another site's page, nor with an address of somebody else.
    foreign = headers | {"Origin": "https://evil.test"}
    assert (await browser.post("/auth/identities/acme/link", headers=foreign)).status_code == 403
    evil = {"redirectUri": "https://evil.test/"}
    refused = await browser.post("/auth/identities/acme/link", json=evil, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "REDIRECT_URI_REFUSED")
    unknown = await browser.post("/auth/identities/nobody/link", headers=headers)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "PROVIDER_NOT_FOUND")
    away = await browser.post("/auth/identities/away/link", headers=headers)
    assert (away.status_code, away.json()["code"]) == (503, "PROVIDER_UNAVAILABLE")


async def test_a_linked_identity_can_be_removed_and_signs_in_to_nothing_then(
    signed_in: SignedIn,
    account: Any,
    upstream: Upstream,
    mails: Any,
    federated: httpx.AsyncClient,
    database: Database,
) -> None:
    browser = await signed_in(account)
    upstream.person = person(email=account.email)
    await link(browser)
    identity = (await browser.identities())[0]["id"]
    headers = await browser.headers()
    assert (await federated.delete(f"/auth/identities/{identity}", headers=headers)).status_code == 204
    assert (await federated.delete(f"/auth/identities/{identity}", headers=headers)).status_code == 404
    assert await browser.identities() == []
    assert (await mails.wait_for(account.email, "identity-unlinked")).data["provider"] == "Acme"
    assert "identity.unlinked" in await trail(database, account)
    browser.cookies.clear()
    assert (await browser.sign_in()).status_code == 400


async def test_identities_are_removed_by_a_form_too(
    signed_in: SignedIn, account: Any, upstream: Upstream
) -> None:
    browser = await signed_in(account)
    await link(browser)
    form = {"identity": (await browser.identities())[0]["id"]}
    foreign = await browser.post(FORM, data=form, headers={"Origin": "https://evil.test"})
    assert foreign.status_code == 403
    answer = await browser.post(FORM, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/ui/security")
    assert await browser.identities() == []
    for wrong in (form, {"identity": "x"}, {}):
        assert (await browser.post(FORM, data=wrong)).status_code in {400, 404}


async def test_an_identity_of_somebody_else_is_not_there(
    signed_in: SignedIn, register: Any, upstream: Upstream, federated: httpx.AsyncClient
) -> None:
    owner, stranger = await signed_in(await register()), await signed_in(await register())
    await link(owner)
    identity = (await owner.identities())[0]["id"]
    assert await stranger.identities() == []
    answer = await federated.delete(f"/auth/identities/{identity}", headers=await stranger.headers())
    assert (answer.status_code, answer.json()["code"]) == (404, "IDENTITY_NOT_FOUND")
    assert (await stranger.post(FORM, data={"identity": identity})).status_code == 404
    assert len(await owner.identities()) == 1


async def test_the_last_way_to_sign_in_stays(
    browser: Browser, upstream: Upstream, federated: httpx.AsyncClient, database: Database
) -> None:
    await browser.sign_in()
    identity = (await browser.identities())[0]["id"]
    headers = await browser.headers()
    answer = await federated.delete(f"/auth/identities/{identity}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "LAST_SIGN_IN_METHOD")
    page = await browser.post(FORM, data={"identity": identity})
    assert page.status_code == 409
    assert "your only way to sign in" in page.text
    assert len(await browser.identities()) == 1
    await add_passkey(database, (await browser.me())["id"])
    # With a passkey the account has a second factor, which a change like this asks for.
    answer = await federated.delete(f"/auth/identities/{identity}", headers=await browser.headers())
    assert (answer.status_code, answer.json()["code"]) == (401, "STEP_UP_REQUIRED")


async def add_passkey(database: Database, user_id: str) -> None:
    passkey = Passkey(
        user_id=UUID(user_id),
        credential_id=new_id().bytes,
        public_key=b"",
        transports=[],
        aaguid="",
        name="Key",
    )
    async with database.write() as db:
        db.add(passkey)


async def test_of_two_identities_removed_at_once_one_stays(
    browser: Browser, upstream: Upstream, other: Upstream, federated: httpx.AsyncClient, database: Database
) -> None:
    await browser.sign_in()
    await link(browser, "other")
    identities = [found["id"] for found in await browser.identities()]
    headers = await browser.headers()
    answers = await asyncio.gather(
        *(federated.delete(f"/auth/identities/{found}", headers=headers) for found in identities)
    )
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    async with database.read() as db:
        left = list(
            await db.scalars(select(Identity.id).where(Identity.id.in_([UUID(i) for i in identities])))
        )
    assert len(left) == 1
