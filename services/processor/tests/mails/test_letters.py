"""What mails say, and that nothing which is put into them gets out of its place."""

import re
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from hypothesis import given
from hypothesis import strategies as st

from common.ids import new_id, now
from processor.mails import letters
from processor.mails.letters import LANGUAGES, write
from processor.mails.messages import compose, recipient
from processor.mails.values import UnusableLetter

LINK = "https://resumax.test/verify?token=abc&x=1"
DATA = {"name": "Zoë", "link": LINK, "title": "A & B"}
TEMPLATES = ["verify-email", "token-reuse", "password-changed", "export-ready"]
FOLDER = Path(letters.__file__).parent


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_mail_has_a_text_and_an_html_part_in_every_language(template: str, locale: str) -> None:
    letter = write(template, locale=locale, data=DATA)
    sent = compose(letter, job_id=new_id(), sender="resuMAX <a@b.test>", to="zoe@example.org", at=now())
    mail = message_from_bytes(sent.as_bytes(), policy=policy.default)
    assert mail.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in mail.iter_parts())
    greeting = {"en": "Hello Zoë,", "de": "Hallo Zoë,"}[locale]
    assert greeting in text
    assert greeting in re.sub(r"</?span[^>]*>", "", html)
    assert LINK in text
    assert LINK.replace("&", "&amp;") in html
    assert f'<html lang="{locale}" dir="ltr">' in html
    assert "http" not in html.replace(LINK.replace("&", "&amp;"), "")  # nothing comes from another host
    assert max(len(line) for line in text.splitlines()) <= 76
    assert mail["Content-Language"] == locale


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_parts_that_may_be_left_out_are(template: str) -> None:
    needed = {"export-ready": {"title": "", "link": LINK}, "verify-email": {"link": LINK}}
    letter = write(template, locale="en", data=needed.get(template, {}))
    assert "Hello," in letter.text
    assert "None" not in letter.text + letter.html


@pytest.mark.parametrize("language", sorted(LANGUAGES.catalogues.keys() - {"en"}))
def test_every_text_is_translated(language: str) -> None:
    found = extract_from_dir(
        FOLDER, method_map=[("templates/**", "jinja2.ext:babel_extract")], options_map={}
    )
    texts = {message for _, _, message, _, _ in found}
    assert len(texts) > 20
    assert texts == set(LANGUAGES.catalogues[language]), (
        "texts without a translation, or translations without a text"
    )


def test_placeholders_are_the_same_in_every_language() -> None:
    for catalogue in LANGUAGES.catalogues.values():
        for text, translated in catalogue.items():
            assert ("%(name)s" in text) == ("%(name)s" in translated)
            assert ("%(title)s" in text) == ("%(title)s" in translated)


@pytest.mark.parametrize(
    ("wanted", "written"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE", "de"),
        ("de_CH", "de"),
        ("fr", "en"),
        ("", "en"),
        ("../../x", "en"),
    ],
)
def test_the_nearest_language_is_chosen(wanted: str, written: str) -> None:
    assert write("password-changed", locale=wanted, data=DATA).language == written


def test_html_in_what_is_filled_in_stays_text() -> None:
    evil = '"><script>alert(1)</script>'
    letter = write("export-ready", locale="en", data={"title": evil, "link": LINK + evil})
    assert "<script>" not in letter.html
    assert evil in letter.text


@pytest.mark.parametrize(
    "name", ["Win at http://evil.test", "www.evil.test", "visit evil.com now", "a@b", "x" * 61]
)
def test_a_name_that_advertises_is_left_out(name: str) -> None:
    letter = write("verify-email", locale="en", data=DATA | {"name": name})
    assert "Hello," in letter.text
    assert name not in letter.text + letter.html


@pytest.mark.parametrize("name", ["J. R. R. Tolkien", "O'Neill", "李小龍", "Anne-Marie"])
def test_names_are_greeted(name: str) -> None:
    assert f"Hello {name}," in write("verify-email", locale="en", data=DATA | {"name": name}).text


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//evil.test", "https:", "http://a b"]
)
def test_a_link_is_a_web_address_or_there_is_no_mail(link: str) -> None:
    with pytest.raises(UnusableLetter):
        write("verify-email", locale="en", data={"link": link})


@pytest.mark.parametrize("template", ["", "../secrets", "no-such", "layout", "verify-email/../x", "a" * 300])
def test_a_template_that_is_none_is_refused(template: str) -> None:
    with pytest.raises(UnusableLetter):
        write(template, locale="en", data=DATA)


def test_a_letter_that_lacks_what_it_needs_is_refused_without_saying_what_it_held() -> None:
    with pytest.raises(UnusableLetter) as refused:
        write("export-ready", locale="en", data={"name": "Zoë Secret"})
    assert "Secret" not in str(refused.value)


@pytest.mark.parametrize(
    "to",
    [
        "a@b.de\r\nBcc: x@y.de",
        "a@b.de\nSubject: x",
        "a@b.de, c@d.de",
        "Name <a@b.de>",
        "<a@b.de>",
        "a@b.de\x00",
        "",
        "a",
        "@b.de",
        "a@",
        "a b@c.de",
        "a@b@c.de",
        "a" * 250 + "@b.de",
    ],
)
def test_what_is_not_one_bare_address_gets_no_mail(to: str) -> None:
    with pytest.raises(UnusableLetter):
        recipient(to)


def test_a_domain_beyond_ascii_is_written_in_idna() -> None:
    assert str(recipient("zoe@müller.example")) == "zoe@xn--mller-kva.example"


@given(st.text(), st.text(), st.text())
def test_nothing_filled_in_makes_a_header(title: str, name: str, locale: str) -> None:
    data: dict[str, Any] = {"title": title + "\r\nBcc: evil@x.test", "name": name, "link": LINK}
    letter = write("export-ready", locale=locale, data=data)
    sent = compose(letter, job_id=new_id(), sender="resuMAX <a@b.test>", to="zoe@example.org", at=now())
    mail = message_from_bytes(sent.as_bytes(), policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["To"] == "zoe@example.org"
    assert len(mail.get_all("Subject")) == 1
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_the_message_id_follows_from_the_job() -> None:
    job_id, letter = new_id(), write("verify-email", locale="en", data=DATA)
    ids = {
        str(compose(letter, job_id=job_id, sender="R <a@b.test>", to="z@e.org", at=now())["Message-ID"])
        for _ in range(2)
    }
    assert ids == {f"<{job_id}@b.test>"}
