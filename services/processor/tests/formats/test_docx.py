"""DOCX: what a word processor, a screen reader and a program that reads resumes make of it."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, RGBColor
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from processor_standins.readers import paragraphs

from processor.formats.links import safe_href
from processor.rendering.documents import LETTER

Write = Callable[..., bytes]
RESUME = {
    "basics": {"name": "Zoë Ångström", "label": "Engineer", "email": "zoe@example.org", "url": "zoe.example"},
    "work": [
        {"name": "Engines", "position": "Programmer", "startDate": "2019-04", "highlights": ["One", "Two"]}
    ],
    "skills": [{"name": "Python", "level": "Expert", "keywords": ["asyncio", "typing"]}],
}


def opened(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


def test_structure_is_said_by_styles_and_nothing_is_laid_out_in_tables(write: Write) -> None:
    data = write("docx", RESUME)
    found = [(paragraph.style.name, paragraph.text) for paragraph in paragraphs(data) if paragraph.style]
    assert found == [
        ("Title", "Zoë Ångström"),
        ("Subtitle", "Engineer"),
        ("Contact", "zoe@example.org | zoe.example"),
        ("Heading 1", "Experience"),
        ("Heading 2", "Programmer"),
        ("Details", "Engines\tApr 2019 \u2013 Present"),
        ("List Bullet", "One"),
        ("List Bullet", "Two"),
        ("Heading 1", "Skills"),
        ("Normal", "Python (Expert): asyncio, typing"),
    ]
    document = opened(data)
    assert len(document.tables) == 0
    assert len(document.sections) == 1
    assert document.element.findall(".//" + qn("w:txbxContent")) == []
    assert document.styles["List Bullet"].element.find(".//" + qn("w:numId")) is not None
    for name, level in (("Heading 1", "0"), ("Heading 2", "1")):
        outline = document.styles[name].element.find(".//" + qn("w:outlineLvl"))
        assert outline.get(qn("w:val")) == level
        assert document.styles[name].paragraph_format.keep_with_next is True


def test_links_lead_where_they_say(write: Write) -> None:
    links = [link for paragraph in paragraphs(write("docx", RESUME)) for link in paragraph.hyperlinks]
    assert [(link.text, link.address) for link in links] == [
        ("zoe@example.org", "mailto:zoe@example.org"),
        ("zoe.example", "https://zoe.example"),
    ]


def test_the_file_says_what_it_is_and_when_its_content_is_of(write: Write) -> None:
    data = write("docx", RESUME, title="My resume", language="de-CH", made_on=date(2025, 3, 4))
    properties = opened(data).core_properties
    assert (properties.title, properties.author, properties.language) == (
        "My resume",
        "Zoë Ångström",
        "de-CH",
    )
    assert properties.created.replace(tzinfo=None) == datetime(2025, 3, 4)  # noqa: DTZ001 (of a file)
    assert properties.modified == properties.created
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b'w:lang w:val="de-CH"' in archive.read("word/styles.xml")


def test_page_font_size_and_colour_are_those_that_were_chosen(write: Write) -> None:
    options = {"page": "us-letter", "font": "Lato", "size": 12, "accent": "#123456"}
    document = opened(write("docx", RESUME, options))
    assert document.sections[0].page_width == pytest.approx(Mm(215.9), abs=1000)
    assert document.styles["Normal"].font.size.pt == 12
    assert document.styles["Heading 1"].font.color.rgb == RGBColor(0x12, 0x34, 0x56)
    fonts = document.styles.element.find(".//" + qn("w:rFonts"))
    assert fonts.get(qn("w:ascii")) == "Lato"
    assert opened(write("docx", RESUME)).sections[0].page_height == pytest.approx(Mm(297), abs=1000)


@pytest.mark.parametrize(("language", "font"), [("ja", "Yu Gothic"), ("zh-Hant-TW", "Microsoft JhengHei")])
def test_east_asian_words_have_a_typeface_of_their_language(write: Write, language: str, font: str) -> None:
    fonts = opened(write("docx", RESUME, language=language)).styles.element.find(".//" + qn("w:rFonts"))
    assert fonts.get(qn("w:eastAsia")) == font


def test_arabic_runs_from_right_to_left_and_latin_within_it_from_left(write: Write) -> None:
    content = {"basics": {"name": "ليلى حداد", "phone": "+971 4 555 0199"}, "work": [{"name": "Acme شركة"}]}
    found = paragraphs(write("docx", content, language="ar"))
    assert all(paragraph._p.pPr.find(qn("w:bidi")) is not None for paragraph in found)
    directions = {
        text.text: text.getparent().find(qn("w:rPr") + "/" + qn("w:rtl")) is not None
        for paragraph in found
        for text in paragraph._p.iter(qn("w:t"))
    }
    assert directions["ليلى حداد"] is True
    assert directions["+971 4 555 0199"] is False
    assert directions["Acme شركة"] is False
    english = paragraphs(write("docx", content))
    assert all(p._p.pPr.find(qn("w:bidi")) is None for p in english)
    assert [p.text for p in english if p._p.findall(".//" + qn("w:rtl"))] == ["ليلى حداد"]


def test_later_pages_are_headed_by_name_and_number(write: Write) -> None:
    section = opened(write("docx", RESUME)).sections[0]
    assert section.different_first_page_header_footer is True
    assert section.header.paragraphs[0].text.startswith("Zoë Ångström")
    [field] = section.header._element.iter(qn("w:fldSimple"))
    assert field.get(qn("w:instr")) == "PAGE"
    assert (
        opened(write("docx", RESUME, {"pageNumbers": False})).sections[0].header.is_linked_to_previous is True
    )


def test_a_letter_has_its_parts_as_styles(write: Write, letter: dict[str, Any]) -> None:
    found = paragraphs(write("docx", letter, kind=LETTER, title=""))
    styles = [paragraph.style.name for paragraph in found if paragraph.style]
    assert [style for style in styles if style not in {"Normal", "Title", "Subtitle", "Contact"}] == [
        "Recipient",
        "Date",
        "Heading 1",
        "Closing",
        "Signature",
    ]
    assert "Karl Johans gate 22\n0159 Oslo" in found[styles.index("Recipient")].text


# What Word refuses to open: properties that stand in another order than the schema has them.
ORDER = [
    "pStyle",
    "keepNext",
    "keepLines",
    "pageBreakBefore",
    "widowControl",
    "numPr",
    "pBdr",
    "tabs",
    "bidi",
    "spacing",
    "ind",
    "outlineLvl",
]
RUN_ORDER = ["rStyle", "rFonts", "b", "bCs", "i", "iCs", "color", "sz", "szCs", "u", "rtl", "lang"]


def test_properties_stand_in_the_order_of_the_schema(write: Write, document: Callable[[str], Any]) -> None:
    with zipfile.ZipFile(io.BytesIO(write("docx", document("arabic"), language="ar"))) as archive:
        parts = [etree.fromstring(archive.read(name)) for name in archive.namelist() if name.endswith(".xml")]
    for name, order in (("w:pPr", ORDER), ("w:rPr", RUN_ORDER)):
        for properties in (found for part in parts for found in part.iter(qn(name))):
            names = [etree.QName(child).localname for child in properties]
            assert names == sorted(names, key=order.index), names


@pytest.mark.parametrize(
    ("href", "safe"),
    [
        ('https://example.org/a b"c<d>', "https://example.org/a%20b%22c%3Cd%3E"),
        ("https://müller.example/ü", "https://xn--mller-kva.example/%C3%BC"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/%20", "https://example.org/%20"),
        ("mailto:zoe@example.org", "mailto:zoe@example.org"),
        ("tel:+4930123", "tel:+4930123"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("https://[", ""),
        ("https://", ""),
        ("https://example.org:port/", ""),
        ("", ""),
    ],
)
def test_only_whole_addresses_of_web_mail_and_telephone_are_links(href: str, safe: str) -> None:
    assert safe_href(href) == safe


@given(st.text() | st.text().map("https://".__add__))
def test_any_address_is_ascii_or_none(href: str) -> None:
    safe = safe_href(href)
    assert safe.isascii()
    assert not set(safe) & set(' <>"\\^`{|}\n')
