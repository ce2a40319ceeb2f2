"""What comes from outside is shown as data: it makes no link, no markup, no line and no header."""

import re
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from processor_standins.letters import DATA, LINK, MAILS, Paragraphs

from common.ids import new_id, now
from processor.mails.letters import LANGUAGES, Letter, write
from processor.mails.messages import compose
from processor.mails.values import UnusableLetter, clean, when

# What mail programs make links of in plain text: with a scheme, with a domain, or an address.
AUTO_LINK = re.compile(r"[a-z]:/|\w\.[^\W\d_]{2}|\S@\S|\\\\", re.IGNORECASE)
EVIL = (
    'See https://evil.test/x, evil.test, www.evil.test, evil\uff0etest, пример.рф, a@evil.test, \\\\evil\\x '
    '<a href="//evil.test">x</a>\r\nBcc: evil@evil.test\u2028\u202e\u2066--\x00'
)  # fmt: skip
SHOWN = ["title", "device", "provider", "reason", "at", "until"]


def sent(letter: Letter) -> str:
    """All that a mail program is given to show."""
    message = compose(letter, job_id=new_id(), sender="resuMAX <a@b.test>", to="zoe@example.org", at=now())
    mail = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject")) == 1
    text, html = mail.iter_parts()
    shown = "\n".join(Paragraphs(html.get_content()).found)
    return f"{mail['Subject']}\n{text.get_content()}\n{shown}".replace(LINK, "")


@pytest.mark.parametrize("language", sorted(LANGUAGES.catalogues))
@pytest.mark.parametrize(("template", "data"), MAILS)
def test_nothing_filled_in_becomes_a_link_or_markup(
    template: str, data: dict[str, str], language: str
) -> None:
    letter = write(template, locale=language, data=data | dict.fromkeys(SHOWN, EVIL) | {"name": EVIL})
    assert not AUTO_LINK.search(sent(letter))
    assert letter.html.count("<a ") == write(template, locale=language, data=data).html.count("<a ")
    assert 'href="//' not in letter.html
    assert "\u202e" not in letter.subject + letter.text + letter.html


def test_html_in_what_is_filled_in_stays_text() -> None:
    evil = '"><script>alert(1)</script>'
    letter = write("export-ready", locale="en", data={"title": evil, "link": LINK + evil})
    assert "<script>" not in letter.html
    assert evil in letter.text


@given(st.text(), st.sampled_from(SHOWN))
def test_a_value_is_one_line_of_bounded_length_without_links(text: str, field: str) -> None:
    value = clean({field: text})[field]
    assert value.isprintable()
    assert len(value) <= 300
    assert not AUTO_LINK.search(value)


@given(st.text(), st.text(), st.text())
def test_nothing_filled_in_makes_a_header(value: str, name: str, locale: str) -> None:
    data = {"title": value + "\r\nBcc: evil@x.test", "name": name, "link": LINK}
    sent(write("export-ready", locale=locale, data=data))
    sent(write("identity-linked", locale=locale, data=data | {"provider": data["title"]}))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Chrome 120.0.6099 on Windows 10", "Chrome 120.0.6099 on Windows 10"),
        ("Ticket 4711: asked at 15:06, e.g. by phone.", "Ticket 4711: asked at 15:06, e.g. by phone."),
        ("It fails.Please look at evil.test", "It fails. Please look at evil. test"),
        ("https://evil.test", "https: //evil. test"),
        ("evil\uff0etest evil\u3002test", "evil\uff0e test evil\u3002 test"),
        ("a\r\nb\tc\u2028d\x00e\u202ef", "a b c d e f"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_a_value_stays_readable(written: str, shown: str) -> None:
    assert clean({"reason": written}) == {"reason": shown}


def test_a_field_that_mails_do_not_know_is_left_out() -> None:
    assert clean({"token": "s3cret", "language": "x", "_": "x"}) == {}


@pytest.mark.parametrize(
    "name",
    ["Win at http://evil.test", "www.evil.test", "visit evil.com now", "a@b", "x" * 61, "Call 0800 123 45"],
)
def test_a_name_that_advertises_is_left_out(name: str) -> None:
    letter = write("verify-email", locale="en", data=DATA | {"name": name})
    assert "Hello," in letter.text
    assert name not in letter.text + letter.html


@pytest.mark.parametrize(
    "name", ["J. R. R. Tolkien", "O'Neill", "李小龍", "Anne-Marie", "Henry 3rd", "أمينة"]
)
def test_names_are_greeted(name: str) -> None:
    assert f"Hello {name}," in write("verify-email", locale="en", data=DATA | {"name": name}).text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 2001:DB8:0::1 ", "2001:db8::1"),
        ("fe80::1%evil.test", ""),
        ("evil.test", ""),
        ("192.0.2.7\nevil.test", ""),
        ("", ""),
    ],
)
def test_an_address_is_one_or_is_left_out(written: str, shown: str) -> None:
    assert clean({"ip": written}) == {"ip": shown}
    text = write("new-device", locale="en", data=DATA | {"ip": written}).text
    assert (f"IP address: {shown}\n" in text) == bool(shown)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.test",
        "https:",
        "http://a b",
        "http://[",
        "https://a\u202e",
    ],
)
def test_a_link_is_a_web_address_or_there_is_no_mail(link: str) -> None:
    with pytest.raises(UnusableLetter):
        write("verify-email", locale="en", data={"link": link})


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "March 4, 2025, 3:06 PM UTC"),
        ("de", "4. März 2025, 15:06 UTC"),
        ("es", "4 de marzo de 2025, 15:06 UTC"),
        ("ar", "4 مارس 2025، 3:06 م UTC"),
    ],
)
@pytest.mark.parametrize("time", ["2025-03-04T15:06:07Z", "2025-03-05T01:06:07.5+10:00"])
def test_a_time_is_written_as_the_language_does_and_in_utc(language: str, shown: str, time: str) -> None:
    assert when(time, language=language) == shown


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2025-03-04", "2025-03-04T15:06:07", "2025-13-04T15:06:07Z", "0001-01-01T00:00:00+14:00"],
)
def test_what_is_no_time_is_shown_as_it_is(text: str) -> None:
    assert f"Time: {text}\n" in write("new-device", locale="en", data=DATA | {"at": text}).text


@given(st.text() | st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()))
def test_no_time_keeps_a_mail_from_being_written(text: str) -> None:
    for language in LANGUAGES.catalogues:
        write("support-access", locale=language, data=DATA | {"until": text})
