"""What mails say, in every language, as text and as HTML."""

import re
from email import message_from_bytes, policy

import pytest
from processor_standins.letters import (
    DATA,
    FACTORS,
    LINK,
    MAILS,
    NEED_A_LINK,
    TEMPLATES,
    Paragraphs,
    seen,
)

from common.ids import new_id, now
from processor.mails.letters import LANGUAGES, write
from processor.mails.messages import compose, recipient
from processor.mails.values import UnusableLetter

GREETINGS = {"en": "Hello Zoë,", "de": "Hallo Zoë,", "es": "Hola, Zoë:", "ar": "مرحبًا Zoë،"}
every_mail = pytest.mark.parametrize(("template", "data"), MAILS)
every_language = pytest.mark.parametrize("language", sorted(LANGUAGES.catalogues))


def test_the_mails_are_these() -> None:
    assert {
        "comments",
        "export-ready",
        "factor-added",
        "factor-removed",
        "identity-linked",
        "identity-unlinked",
        "locked-out",
        "magic-link",
        "new-device",
        "password-changed",
        "password-reset",
        "second-factor-failed",
        "support-access",
        "token-reuse",
        "verify-email",
        "webhook-disabled",
    } == set(TEMPLATES)


@every_language
@every_mail
def test_every_mail_has_a_text_and_an_html_part_in_every_language(
    template: str, data: dict[str, str], language: str
) -> None:
    letter = write(template, locale=language, data=data)
    sent = compose(letter, job_id=new_id(), sender="resuMAX <a@b.test>", to="zoe@example.org", at=now())
    mail = message_from_bytes(sent.as_bytes(), policy=policy.default)
    assert mail.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert GREETINGS[language] in seen(text)
    assert GREETINGS[language] in Paragraphs(html).found
    assert LINK in text.splitlines()  # alone on its line: nothing can be taken for a part of it
    assert LINK.replace("&", "&amp;") in html
    way = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{way}">' in html
    assert re.search(rf'<body>\s*<div [^>]*lang="{language}" dir="{way}">', html)  # what mail programs keep
    assert "http" not in html.replace(LINK.replace("&", "&amp;"), "")  # nothing comes from another host
    assert max(len(line) for line in text.splitlines()) <= 76
    assert mail["Content-Language"] == language


@every_language
def test_subjects_are_short_lines_that_tell_the_mails_apart(language: str) -> None:
    subjects = [seen(write(template, locale=language, data=data).subject) for template, data in MAILS]
    assert len(set(subjects)) == len(MAILS)
    for subject in subjects:
        assert subject.isprintable()
        assert 10 < len(subject) <= 70
        assert subject[-1] not in ".:!"


@every_language
@every_mail
def test_the_text_says_all_that_the_html_says(template: str, data: dict[str, str], language: str) -> None:
    letter = write(template, locale=language, data=data)
    text = " ".join(seen(letter.text).split())
    paragraphs = Paragraphs(letter.html).found
    assert len(paragraphs) >= 5
    for paragraph in paragraphs:
        assert " ".join(seen(paragraph).split()) in text


@every_language
@every_mail
def test_a_mail_needs_neither_a_name_nor_a_link_unless_it_is_about_the_link(
    template: str, data: dict[str, str], language: str
) -> None:
    without = data | {"name": "", "link": ""}
    if template in NEED_A_LINK:
        with pytest.raises(UnusableLetter):
            write(template, locale=language, data=without)
        return
    letter = write(template, locale=language, data=without)
    assert GREETINGS[language].replace(", Zoë", "").replace(" Zoë", "") in letter.text
    assert "href" not in letter.html
    assert "http" not in letter.text
    assert "None" not in letter.text + letter.html


@pytest.mark.parametrize("template", ["factor-added", "factor-removed"])
def test_every_factor_has_words_of_its_own_in_every_language(template: str) -> None:
    for language in LANGUAGES.catalogues:
        texts = {write(template, locale=language, data=DATA | {"factor": f}).text for f in FACTORS}
        assert len(texts) == len(FACTORS)
    with pytest.raises(UnusableLetter):
        write(template, locale="en", data=DATA | {"factor": "palm"})


def test_a_new_device_is_named_with_its_address_and_its_time() -> None:
    text = write("new-device", locale="en", data=DATA).text
    assert "Device: Firefox on Linux\nIP address: 192.0.2.7\nTime: March 4, 2025, 3:06 PM UTC\n" in text
    assert "change your password and sign out everywhere" in text
    assert "Device: Unknown device\n" in write("new-device", locale="en", data=DATA | {"device": ""}).text


def test_access_by_support_is_shown_to_the_user_with_its_reason_and_its_end() -> None:
    """SECURITY 28"""
    text = write("support-access", locale="en", data=DATA).text
    assert "Reason: Ticket 4711: an export fails\nAccess until: March 4, 2025, 4:06 PM UTC\n" in text
    assert "You can end it at any moment" in text


def test_one_time_links_say_that_they_work_once_and_how_long() -> None:
    """SECURITY 8"""
    for template, span in {
        "password-reset": "10 minutes",
        "magic-link": "10 minutes",
        "verify-email": "24 hours",
    }.items():
        letter = write(template, locale="en", data=DATA)
        assert f"The link works once, for {span}." in letter.text
        assert f"The link works once, for {span}." in letter.html


def test_what_is_written_from_left_to_right_stays_so_between_arabic() -> None:
    letter = write("new-device", locale="ar", data=DATA)
    for value in (DATA["device"], DATA["ip"]):
        assert f'<span dir="ltr">{value}</span>' in letter.html
        assert f"\u2066{value}\u2069" in letter.text
    assert "\u2068Zoë\u2069" in letter.text
    assert (
        f'<a href="{LINK}" dir="ltr"'.replace("&", "&amp;")
        in write("verify-email", locale="ar", data=DATA).html
    )
    assert not re.search("[\u2066-\u2069]", write("new-device", locale="de", data=DATA).text)


def test_joined_letters_get_no_spacing() -> None:
    style = write("locked-out", locale="ar", data=DATA).html.partition("</style>")[0]
    assert style.rindex("letter-spacing: normal") > style.rindex("letter-spacing: -0.015em")
    assert "letter-spacing: normal" not in write("locked-out", locale="en", data=DATA).html


@pytest.mark.parametrize(
    "template", ["", "../secrets", "no-such", "layout", "notice", "verify-email/../x", "a" * 300]
)
def test_a_template_that_is_none_is_refused(template: str) -> None:
    with pytest.raises(UnusableLetter):
        write(template, locale="en", data=DATA)


@pytest.mark.parametrize(
    "template",
    ["comments", "export-ready", "new-device", "factor-added", "identity-linked", "webhook-disabled"],
)
def test_a_letter_that_lacks_what_it_needs_is_refused_without_saying_what_it_held(template: str) -> None:
    with pytest.raises(UnusableLetter) as refused:
        write(template, locale="en", data={"name": "Zoë Secret"})
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


def test_the_message_id_follows_from_the_job() -> None:
    job_id, letter = new_id(), write("verify-email", locale="en", data=DATA)
    ids = {
        str(compose(letter, job_id=job_id, sender="R <a@b.test>", to="z@e.org", at=now())["Message-ID"])
        for _ in range(2)
    }
    assert ids == {f"<{job_id}@b.test>"}
