"""What a relay needs to sign a mail (DKIM), and what receivers do not hold against one."""

import re
from email.utils import parsedate_to_datetime

import pytest
from processor_standins.letters import DATA, MAILS

from common.ids import new_id, now
from processor.mails import kinds
from processor.mails.kinds import WrongKind, load
from processor.mails.letters import LANGUAGES, write
from processor.mails.messages import compose

UNSUBSCRIBE = "https://resumax.test/unsubscribe?token=" + "aB-_" * 25
ONCE = (
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "Content-Type",
    "List-Unsubscribe", "List-Unsubscribe-Post",
)  # fmt: skip


@pytest.mark.parametrize("language", sorted(LANGUAGES.catalogues))
@pytest.mark.parametrize(("template", "data"), MAILS)
def test_every_mail_can_be_signed_as_it_is(template: str, data: dict[str, str], language: str) -> None:
    """RFC 6376 sections 5.3 and 5.4: nothing that a server on the way would have to change, and one of each header."""
    data = data | {"title": "ü" * 200, "reason": "x" * 300, "name": "日本" * 20}
    letter = write(template, locale=language, data=data, unsubscribe=UNSUBSCRIBE)
    at = now()
    message = compose(
        letter,
        job_id=new_id(),
        sender="Résu MAX <no-reply@mail.resumax.test>",
        reply_to="Support <help@resumax.test>",
        to="zoe@müller.example",
        at=at,
        unsubscribe=UNSUBSCRIBE,
    )
    raw = message.as_bytes()
    assert raw.isascii()
    assert b"\0" not in raw
    lines = raw.split(b"\r\n")
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    assert max(map(len, lines)) <= 998
    head = raw.partition(b"\r\n\r\n")[0].decode()
    names = re.findall(r"^([A-Za-z-]+):", head, re.MULTILINE)
    assert [names.count(name) for name in ONCE] == [1] * len(ONCE)
    assert f"\r\nList-Unsubscribe: <{UNSUBSCRIBE}>\r\n" in head
    assert re.search(r"^Message-ID: <[0-9a-f-]{36}@mail\.resumax\.test>\r?$", head, re.MULTILINE)
    assert parsedate_to_datetime(message["Date"]) == at.replace(microsecond=0)
    assert "Content-Transfer-Encoding: 8bit" not in raw.decode()
    assert raw.count(b'charset="utf-8"') == 2
    assert raw.index(b"text/plain") < raw.index(b"text/html")  # the best last (RFC 2046 section 5.1.4)


@pytest.mark.parametrize("template", ["comments", "export-ready"])
@pytest.mark.parametrize("language", sorted(LANGUAGES.catalogues))
def test_a_notification_leads_out_in_both_parts(template: str, language: str) -> None:
    letter = write(template, locale=language, data=DATA, unsubscribe=UNSUBSCRIBE)
    assert UNSUBSCRIBE in letter.text.splitlines()
    assert f'href="{UNSUBSCRIBE}"' in letter.html
    assert UNSUBSCRIBE not in write(template, locale=language, data=DATA).text


def test_an_export_is_called_by_its_format() -> None:
    said = {
        name: write("export-ready", locale="en", data=DATA | {"format": name}).text
        for name in ("pdf", "docx", "md", "no-such-format", "")
    }
    assert "The file of “A & B” (PDF) is ready" in said["pdf"]
    assert "(Word)" in said["docx"]
    assert "(Markdown)" in said["md"]
    assert "The file of “A & B” is ready" in said["no-such-format"]
    assert said["no-such-format"] == said[""]


def test_every_mail_says_what_it_is_and_how_long_it_is_of_use() -> None:
    known = load()
    by_category = {
        category: {name for name, kind in known.items() if kind.category == category}
        for category in ("security", "account", "notification")
    }
    assert by_category["notification"] == {"comments", "export-ready", "webhook-disabled"}
    assert by_category["account"] == {"magic-link", "password-reset", "verify-email"}
    assert known["magic-link"].expires == known["password-reset"].expires == 600
    assert known["verify-email"].expires == 24 * 3600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "category = ",
        'category = "other"\nexpires = 600',
        'category = "account"',
        'category = "account"\nexpires = 1',
        'category = "account"\nexpires = 600\nmore = 1',
    ],
)
def test_a_mail_that_does_not_say_what_it_is_keeps_the_service_from_starting(
    text: str, tmp_path: kinds.Path
) -> None:
    folder = tmp_path / "invitation"
    folder.mkdir()
    (folder / "subject.txt").write_text("Come in")
    with pytest.raises(WrongKind, match="invitation"):
        load(tmp_path)
    (folder / "mail.toml").write_text(text)
    with pytest.raises(WrongKind, match="invitation"):
        load(tmp_path)
