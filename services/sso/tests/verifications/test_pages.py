"""The pages behind the mailed link, as a browser without JavaScript goes through them."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

import sso.app
from common.db import Database
from common.ids import now
from common.sealing import MasterKey
from common.testing.served import served
from sso.keys.vault import Vault
from sso.settings import Settings
from sso.upkeep import once
from sso.verifications.models import EmailVerification

OURS = {"Origin": "https://resumax.test", "Sec-Fetch-Site": "same-origin"}
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"}


class Form(HTMLParser):
    """The form of a page: its action, its fields as they are filled, and what its button says."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.action, self.fields, self.button = "", dict[str, str](), ""
        self._in_button = False
        self.feed(answer.text.partition("</main>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert values["method"] == "post"
            self.action = values["action"]
        elif tag == "input":
            self.fields[values["name"]] = values.get("value", "")
        self._in_button = tag == "button"

    def handle_data(self, data: str) -> None:
        if self._in_button:
            self.button += data.strip()


async def submit(
    client: httpx.AsyncClient, form: Form, headers: dict[str, str] = OURS, **fields: str
) -> httpx.Response:
    return await client.post(form.action, data=form.fields | fields, headers=headers)


async def mailed_page(client: httpx.AsyncClient, account: Any, mails: Any) -> httpx.Response:
    link = (await mails.wait_for(account.email, "verify-email")).data["link"]
    return await client.get(link.removeprefix("https://resumax.test"))


async def is_verified(client: httpx.AsyncClient, account: Any) -> bool:
    return bool((await client.get("/auth/me", headers=account.headers)).json()["emailVerified"])


async def end_link(database: Database, account: Any, *, ago: timedelta) -> None:
    links = update(EmailVerification).where(EmailVerification.user_id == UUID(account.id))
    async with database.write() as db:
        await db.execute(links.values(expires_at=now() - ago))


async def test_opening_the_link_changes_nothing_and_pressing_its_button_confirms(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database
) -> None:
    for _ in range(3):
        page = await mailed_page(client, account, mails)
    form = Form(page)
    assert (page.status_code, form.button) == (200, "Confirm my e-mail address")
    assert not await is_verified(client, account)
    async with database.read() as db:
        link = await db.scalar(select(EmailVerification).where(EmailVerification.user_id == UUID(account.id)))
        assert link is not None
        assert link.used_at is None
    done = await submit(client, form)
    assert done.status_code == 200
    assert "Your e-mail address is confirmed" in done.text
    assert await is_verified(client, account)


async def test_pages_are_kept_by_nobody_and_run_nothing(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    page = await mailed_page(client, account, mails)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    for forbidden in ("<script", "<style", " style=", " onclick", "http:", "https:"):
        assert forbidden not in page.text


async def test_the_page_lets_browsers_send_the_origin_with_its_form(client: httpx.AsyncClient) -> None:
    """Under `no-referrer` alone they would send `Origin: null` (Fetch, "append a request Origin header")."""
    page = (await client.get("/auth/ui/verify?token=x")).text
    assert page.index('<meta name="referrer" content="strict-origin">') < page.index("<link")
    refused = await client.post("/auth/ui/verify", data={"token": "x"}, headers={"Origin": "null"})
    assert refused.status_code == 403


async def test_pressing_the_button_twice_says_that_the_link_was_used(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    form = Form(await mailed_page(client, account, mails))
    answers = await asyncio.gather(*(submit(client, form) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 4
    again = await submit(client, form)
    assert "This link was already used" in again.text
    assert Form(again).action == "/auth/ui/verify/resend"
    assert await is_verified(client, account)


async def test_an_expired_link_says_so_for_a_week_and_leads_to_a_new_one(
    client: httpx.AsyncClient, account: Any, mails: Any, database: Database, settings: Settings
) -> None:
    vault = Vault(MasterKey(settings.key_encryption_key))
    form = Form(await mailed_page(client, account, mails))
    await end_link(database, account, ago=timedelta(days=6, hours=23))
    await once(database, vault, at=now())
    expired = await submit(client, form)
    assert expired.status_code == 400
    assert "This link has expired" in expired.text
    assert not await is_verified(client, account)
    sent = await submit(client, Form(expired), email=account.email)
    assert "Look into your mailbox" in sent.text
    await mails.wait_for(account.email, "verify-email", count=2)
    assert "is confirmed" in (await submit(client, Form(await mailed_page(client, account, mails)))).text
    await end_link(database, account, ago=timedelta(days=7, hours=1))
    await once(database, vault, at=now())
    assert "This link does not work" in (await submit(client, form)).text


@pytest.mark.parametrize("path", ["/auth/ui/verify", "/auth/ui/verify?token="])
async def test_a_link_without_its_token_says_what_to_do(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    assert page.status_code == 400
    assert "This link does not work" in page.text
    assert Form(page).action == "/auth/ui/verify/resend"


@pytest.mark.parametrize("token", ["", "x", "\x00", "x" * 5000, "ü€\U0001f600"])
async def test_a_token_that_is_none_does_not_work(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.post("/auth/ui/verify", data={"token": token}, headers=OURS)
    assert answer.status_code == 400
    assert "This link does not work" in answer.text


async def test_a_token_with_markup_stays_text(client: httpx.AsyncClient) -> None:
    token = "\"><script>alert('1')</script><input name=\"{{ 7*7 }}"
    page = await client.get("/auth/ui/verify", params={"token": token})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert Form(page).fields == {"token": token}
    address = '"><b>@x'
    refused = await client.post("/auth/ui/verify/resend", data={"email": address}, headers=OURS)
    assert "<b>@x" not in refused.text
    assert Form(refused).fields == {"email": address}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.test"},
        {"Origin": "https://resumax.test.evil.test"},
        {"Origin": "http://resumax.test"},
        {"Origin": "https://resumax.test", "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_forms_of_other_pages_are_refused(
    client: httpx.AsyncClient, account: Any, mails: Any, headers: dict[str, str]
) -> None:
    form = Form(await mailed_page(client, account, mails))
    refused = await submit(client, form, headers)
    assert (refused.status_code, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "This form was not sent from our own page" in refused.text
    assert not await is_verified(client, account)
    data = {"email": account.email}
    assert (await client.post("/auth/ui/verify/resend", data=data, headers=headers)).status_code == 403
    await asyncio.sleep(0.2)
    assert len(mails.to(account.email, "verify-email")) == 1


async def test_asking_for_a_new_link_is_answered_the_same_for_everybody(
    client: httpx.AsyncClient, account: Any
) -> None:
    form = Form(await client.get("/auth/ui/verify/resend"))
    answers = [await submit(client, form, email=email) for email in (account.email, "nobody@example.org")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    assert answers[0].headers.keys() == answers[1].headers.keys()


async def test_what_is_no_address_is_asked_for_again(client: httpx.AsyncClient) -> None:
    for email in ("", "ada", "ada@example.org, eve@example.org"):
        page = await client.post("/auth/ui/verify/resend", data={"email": email}, headers=OURS)
        assert page.status_code == 400
        assert 'aria-invalid="true" aria-describedby="email-wrong"' in page.text
        assert Form(page).fields == {"email": email}


async def test_pages_speak_german_to_who_reads_it(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    link = (await mails.wait_for(account.email, "verify-email")).data["link"]
    page = await client.get(link.removeprefix("https://resumax.test"), headers=GERMAN)
    assert '<html lang="de" dir="ltr">' in page.text
    assert (page.headers["content-language"], page.headers["vary"]) == ("de", "Accept-Language, Cookie")
    assert Form(page).button == "Meine E-Mail-Adresse bestätigen"
    done = await submit(client, Form(page), OURS | GERMAN)
    assert "Deine E-Mail-Adresse ist bestätigt" in done.text
    refused = await submit(client, Form(page), GERMAN)
    assert "Dieses Formular kam nicht von unserer eigenen Seite" in refused.text
    english = await client.get("/auth/ui/verify?token=x", headers={"Accept-Language": "fr"})
    assert '<html lang="en" dir="ltr">' in english.text


@pytest.mark.parametrize(
    ("body", "status"), [(b"token=a&token=b", 400), (b"tokem=a", 400), (b"token=" + b"x" * (1 << 20), 413)]
)
async def test_a_form_that_is_none_gets_a_page(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    headers = OURS | {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post("/auth/ui/verify", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "This request could not be read" in answer.text


async def test_who_tries_too_often_is_told_when_to_come_back(
    sso_settings: Callable[..., Settings],
) -> None:
    limits = {"POST /auth/ui/verify": {"count": 2, "window": 86400}}
    async with served(sso.app.create_app(sso_settings(rate_limits=limits))) as client:
        for _ in range(2):
            answer = await client.post("/auth/ui/verify", data={"token": "x"}, headers=OURS)
            assert answer.status_code == 400
        answer = await client.post("/auth/ui/verify", data={"token": "x"}, headers=OURS | GERMAN)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        assert "Zu viele Versuche" in answer.text
        assert "Bitte versuche es in " in answer.text


async def test_pages_are_no_part_of_the_api_description(client: httpx.AsyncClient) -> None:
    assert not [path for path in (await client.get("/auth/openapi.json")).json()["paths"] if "/ui" in path]
