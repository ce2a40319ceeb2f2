"""The security settings, the second factor and the step-up, as a browser without JavaScript goes through them."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest
from browsing import Visit, heading
from sqlalchemy import update

from common.db import Database
from common.ids import now
from common.testing.forms import forms
from sso.sessions.models import Session

HOME = "/auth/ui/security"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Safari/604.1"
)


async def signed_in(client: httpx.AsyncClient, account: Any) -> Visit:
    visit = Visit(client)
    assert (await visit.sign_in(account.email, account.password)).headers["location"] == HOME
    return visit


async def set_up_totp(visit: Visit) -> tuple[pyotp.TOTP, list[str]]:
    begun = await visit.submit(await visit.get(f"{HOME}/authenticator"))
    assert (begun.status_code, begun.headers["location"]) == (303, f"{HOME}/authenticator")
    page = await visit.get(f"{HOME}/authenticator")
    found = re.search(r'id="secret" dir="ltr">([^<]*)<', page.text)
    assert found
    totp = pyotp.TOTP(found[1].replace(" ", ""))
    assert "<svg" in page.text
    wrong = await visit.submit(page, f"{HOME}/authenticator/confirm", code="000000")
    assert (wrong.status_code, found[1] in wrong.text) == (400, True)
    done = await visit.submit(wrong, f"{HOME}/authenticator/confirm", code=totp.now())
    assert heading(done) == "Your recovery codes"
    return totp, re.findall(r"<li>([a-z0-9-]+)</li>", done.text)


async def test_nobody_sees_the_settings_without_signing_in(client: httpx.AsyncClient) -> None:
    for path in ("", "/activity", "/password", "/authenticator", "/recovery-codes", "/api-keys/new"):
        answer = await client.get(f"{HOME}{path}")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/auth/ui/login")


async def test_a_second_factor_is_asked_for_and_goes_on_where_the_login_would(
    client: httpx.AsyncClient, account: Any
) -> None:
    _, codes = await set_up_totp(await signed_in(client, account))
    visit = Visit(client)
    asked = await visit.sign_in(account.email, account.password, query="?continue=/x")
    assert asked.headers["location"] == "/auth/ui/mfa?continue=%2Fx"
    assert list(visit.cookies) == ["__Host-resumax_challenge"]
    page = await visit.get(asked.headers["location"])
    assert 'autocomplete="one-time-code" inputmode="numeric"' in page.text
    wrong = await visit.submit(page, code="000000")
    assert (wrong.status_code, 'aria-describedby="code-wrong code-hint"' in wrong.text) == (400, True)
    other = await visit.get("/auth/ui/mfa?continue=%2Fx&method=recovery_code")
    done = await visit.submit(other, code=codes[0])
    assert (done.status_code, done.headers["location"]) == (303, "/x")
    assert list(visit.cookies) == ["__Host-resumax_refresh"]


async def test_a_sign_in_that_waits_for_nothing_begins_again(client: httpx.AsyncClient) -> None:
    page = await client.get("/auth/ui/mfa?continue=/x")
    assert (page.status_code, heading(page)) == (400, "Please sign in again")
    assert 'href="/auth/ui/login?continue=%2Fx"' in page.text


@pytest.mark.parametrize("path", ["/authenticator", "/api-keys/new", "/passkeys/new"])
async def test_what_is_sensitive_asks_again_after_a_while_and_comes_back(
    client: httpx.AsyncClient, account: Any, database: Database, path: str
) -> None:
    visit = await signed_in(client, account)
    async with database.write() as db:
        past = now() - timedelta(hours=1)
        owned = update(Session).where(Session.user_id == UUID(account.id))
        await db.execute(owned.values(authenticated_at=past))
    detour = await visit.get(f"{HOME}{path}")
    assert detour.status_code == 303
    assert detour.headers["location"].startswith("/auth/ui/step-up?continue=")
    question = await visit.get(detour.headers["location"])
    assert heading(question) == "Confirm that it is you"
    wrong = await visit.submit(question, password="not the password of anybody")
    assert (wrong.status_code, "This is not your password." in wrong.text) == (400, True)
    before = dict(visit.cookies)
    back = await visit.submit(wrong, password=account.password)
    assert (back.status_code, back.headers["location"]) == (303, f"{HOME}{path}")
    assert visit.cookies != before
    assert (await visit.get(f"{HOME}{path}")).status_code == 200


async def test_an_app_that_wants_its_person_to_sign_in_anew_gets_a_confirmation(
    client: httpx.AsyncClient, account: Any
) -> None:
    visit = await signed_in(client, account)
    answer = await visit.get("/auth/ui/login?continue=/x&reauth=1")
    assert answer.headers["location"] == "/auth/ui/step-up?continue=%2Fx"
    other = await visit.get("/auth/ui/login?continue=/x&reauth=other")
    assert (other.status_code, heading(other)) == (200, "Sign in")


async def test_a_password_is_changed_and_others_are_signed_out(
    client: httpx.AsyncClient, account: Any
) -> None:
    visit, other = await signed_in(client, account), await signed_in(client, account)
    page = await visit.get(f"{HOME}/password")
    fields = {"current-password": account.password, "new-password": "another horse, another battery"}
    wrong = await visit.submit(page, **fields | {"current-password": "not it, not it"})
    assert (wrong.status_code, "not it, not it" in wrong.text) == (400, False)
    assert "This is not your password." in wrong.text
    done = await visit.submit(page, **fields | {"others": "yes"})
    assert (done.status_code, done.headers["location"]) == (303, f"{HOME}?done=password")
    assert (await visit.get(HOME)).status_code == 200
    assert (await other.get(HOME)).status_code == 303


async def test_devices_are_listed_and_signed_out(client: httpx.AsyncClient, account: Any) -> None:
    visit = await signed_in(client, account)
    page = await visit.get(HOME)
    [end] = [found for found in forms(page.text) if found.action.endswith("/end")]  # that of registering
    assert "This device" in page.text
    assert (await visit.post(end.action)).headers["location"] == f"{HOME}?done=session#devices"
    refresh = await client.post("/auth/refresh", json={"refreshToken": account.refresh_token})
    assert refresh.status_code == 401
    assert (await visit.post(end.action)).status_code == 404


async def test_nobody_ends_the_session_of_another(
    client: httpx.AsyncClient, account: Any, register: Any
) -> None:
    # SECURITY 22
    eve = await signed_in(client, await register())
    page = await (await signed_in(client, account)).get(HOME)
    for found in forms(page.text):
        if found.action.endswith("/end"):
            assert (await eve.post(found.action)).status_code == 404


async def test_an_api_key_is_shown_once_and_ends(client: httpx.AsyncClient, account: Any) -> None:
    visit = await signed_in(client, account)
    page = await visit.get(f"{HOME}/api-keys/new")
    refused = await visit.submit(page, name=" ")
    assert (refused.status_code, "Please tick at least one." in refused.text) == (400, True)
    made = await visit.post(
        f"{HOME}/api-keys/new", {"name": "Site", "scopes": ["resumes:read", "render:write"]}
    )
    key = re.search(r"rmx_[\w-]+", made.text)
    assert key
    assert made.headers["cache-control"] == "no-store"
    listed = await visit.get(HOME)
    assert key[0] not in listed.text
    assert "Read your resumes" in listed.text
    [end] = [found for found in forms(listed.text) if "/api-keys/" in found.action]
    assert (await visit.post(end.action)).status_code == 303
    assert "You have no API key." in (await visit.get(HOME)).text


async def test_recovery_codes_are_made_anew_and_an_app_is_removed(
    client: httpx.AsyncClient, account: Any
) -> None:
    visit = await signed_in(client, account)
    _, codes = await set_up_totp(visit)
    again = await visit.sign_in(account.email, account.password, query="?reauth=other")
    page = await visit.get(f"{again.headers['location']}?method=recovery_code")
    await visit.submit(page, code=codes[0])
    assert "9 codes left" in (await visit.get(HOME)).text
    renewed = await visit.submit(await visit.get(f"{HOME}/recovery-codes"))
    assert heading(renewed) == "Your recovery codes"
    assert codes[1] not in renewed.text
    removed = await visit.submit(await visit.get(f"{HOME}/authenticator"), f"{HOME}/authenticator/remove")
    assert removed.headers["location"] == f"{HOME}?done=totp-removed"
    assert "You get them with your first second factor." in (await visit.get(HOME)).text


async def test_the_trail_is_told_in_words_page_by_page(client: httpx.AsyncClient, account: Any) -> None:
    visit = await signed_in(client, account)
    page = await visit.get(f"{HOME}/activity")
    assert "You made your account" in page.text
    assert "Something else concerning" not in page.text
    assert "Older" not in page.text


@pytest.mark.parametrize(
    "path",
    ["/password", "/authenticator", "/authenticator/confirm", "/authenticator/remove", "/recovery-codes",
     "/sessions/end-others", "/api-keys/new", "/apps/x/remove"],
)  # fmt: skip
async def test_forms_of_other_sites_change_nothing(
    client: httpx.AsyncClient, account: Any, path: str
) -> None:
    # SECURITY 14
    visit = await signed_in(client, account)
    answer = await visit.post(f"{HOME}{path}", Origin="https://evil.test")
    assert answer.status_code == 403
