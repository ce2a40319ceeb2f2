"""Whoever gets notifications can stop them: by one click of their mail program, or on a page (RFC 2369, RFC 8058)."""

import re
from email.message import EmailMessage
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from processor_standins.kinds import ReadMailLog, SendMail
from processor_standins.mailbox import Mailbox

from common.sealing import MasterKey
from common.settings import Secret
from common.testing.issuer import Issuer
from processor.mails.unsubscribing import InvalidToken, Links, Unsubscribing

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def link_of(mail: EmailMessage) -> str:
    """The path and query of the mail's `List-Unsubscribe`, which must be one address in angle brackets."""
    found = re.fullmatch(r"<(http\S+)>", str(mail["List-Unsubscribe"]))
    assert found
    return urlsplit(found[1])._replace(scheme="", netloc="").geturl()


async def test_notifications_say_how_to_stop_them(
    send: SendMail, mailbox: Mailbox, address: str, issuer: Issuer
) -> None:
    await send("comments")
    [mail] = mailbox.to(address)
    link = f"{issuer.url}{link_of(mail)}"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert link in text.splitlines()
    assert f'href="{link}"' in html
    assert address not in link
    raw = next(raw for raw in mailbox.raw if address.encode() in raw)
    assert f"List-Unsubscribe: <{link}>\r\n".encode() in raw  # whole, however long


@pytest.mark.parametrize("template", ["verify-email", "password-changed"])
async def test_mails_that_are_always_sent_do_not_offer_to_stop(
    send: SendMail, mailbox: Mailbox, address: str, template: str
) -> None:
    await send(template)
    [mail] = mailbox.to(address)
    assert mail["List-Unsubscribe"] is None
    assert "unsubscribe" not in mail.as_string().lower()


async def test_one_click_without_a_session_stops_notifications_and_nothing_else(
    client: httpx.AsyncClient, send: SendMail, mailbox: Mailbox, address: str, log: ReadMailLog
) -> None:
    await send("comments")
    [mail] = mailbox.to(address)
    client.cookies.clear()
    answer = await client.post(link_of(mail), data=ONE_CLICK)
    assert (answer.status_code, answer.has_redirect_location) == (200, False)
    assert "set-cookie" not in answer.headers
    for template in ("comments", "export-ready"):
        assert (await send(template)).result == {"suppressed": "unsubscribed"}
    assert (await send("password-changed")).state == "succeeded"
    assert (await send("verify-email")).state == "succeeded"
    assert len(mailbox.to(address)) == 3
    outcomes = [(row["template"], row["outcome"], row["reason"]) for row in await log()]
    assert outcomes[2:] == [
        ("export-ready", "suppressed", "unsubscribed"),
        ("comments", "suppressed", "unsubscribed"),
        ("comments", "sent", ""),
    ]


async def test_one_click_may_come_as_a_multipart_form(
    client: httpx.AsyncClient, send: SendMail, mailbox: Mailbox, address: str
) -> None:
    """RFC 8058 section 3.2"""
    await send("comments")
    [mail] = mailbox.to(address)
    parts = {name: (None, value) for name, value in ONE_CLICK.items()}
    assert (await client.post(link_of(mail), files=parts)).status_code == 200
    assert (await send("comments")).result == {"suppressed": "unsubscribed"}


async def test_the_page_asks_first_and_lets_one_come_back(
    client: httpx.AsyncClient, send: SendMail, mailbox: Mailbox, address: str
) -> None:
    await send("comments", locale="de")
    [mail] = mailbox.to(address)
    for _ in range(2):  # as a scanner of links does
        page = await client.get(link_of(mail))
    assert page.status_code == 200
    assert "Diese Mails abbestellen?" in page.text
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert "messageId" in ((await send("comments")).result or {})
    form = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert form
    done = await client.post(form[1], data={"wish": "unsubscribe"})
    assert "Die Mails sind abbestellt" in done.text
    assert (await send("comments")).result == {"suppressed": "unsubscribed"}
    assert "Die Mails sind abbestellt" in (await client.get(form[1])).text
    back = await client.post(form[1], data={"wish": "subscribe"})
    assert "Du bekommst die Mails wieder" in back.text
    assert "messageId" in ((await send("comments")).result or {})


@pytest.mark.parametrize("token", ["", "x", "=", "%00", "é", "A" * 200, "A" * 20_000])
async def test_a_made_up_link_does_nothing_and_says_so(client: httpx.AsyncClient, token: str) -> None:
    for answer in (
        await client.get("/unsubscribe", params={"token": token}, headers={"Accept-Language": "es"}),
        await client.post("/unsubscribe", params={"token": token}, data=ONE_CLICK),
    ):
        assert answer.status_code in {404, 414, 431}
        if answer.status_code == 404:
            assert "This link does not work" in answer.text or "Este enlace no funciona" in answer.text


LINKS = Links(MasterKey(Secret("k" * 43)), "https://resumax.test")
TOKEN = LINKS.token(Unsubscribing(b"r" * 32, "notification", "en"))


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCxyz019-_"))
def test_a_link_of_which_anything_is_changed_is_none(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if read(changed) is not None:
        # Of the last character some bits mean nothing.
        assert changed[:-1] == TOKEN[:-1]


def test_a_link_under_another_key_is_none() -> None:
    other = Links(MasterKey(Secret("o" * 43)), "https://resumax.test")
    with pytest.raises(InvalidToken):
        other.read(TOKEN)
    assert LINKS.read(TOKEN) == Unsubscribing(b"r" * 32, "notification", "en")


def read(token: str) -> Unsubscribing | None:
    try:
        return LINKS.read(token)
    except InvalidToken:
        return None
