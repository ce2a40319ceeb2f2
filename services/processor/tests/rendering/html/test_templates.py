"""HTML templates: every word is there, every option counts, and the same gives the same."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from processor_standins.engine import Engine

from common.contracts.versions import SectionStyle
from processor.rendering import RenderFailed, Template
from processor.rendering.documents import LETTER, Photo
from processor.rendering.html.finish import page_count

Document = Callable[[str], dict[str, Any]]
DATE = re.compile(r"\d{4}(-\d\d){0,2}")
NOT_SHOWN = {"$schema", "meta", "image", "picture"}
LETTER_CONTENT: dict[str, Any] = {
    "basics": {"name": "Ada Long", "email": "ada@long.example"},
    "recipient": {"name": "Mr Babbage", "address": ["1 Dorset Street", "London"]},
    "date": "2025-11-21",
    "subject": "An engine",
    "salutation": "Dear Mr Babbage,",
    "paragraphs": ["The first paragraph of it.", "And the second."],
    "closing": "Yours,",
    "enclosures": "Notes",
}
OTHERS: dict[str, Any] = {
    "page": "us-letter", "font": "EB Garamond", "headingFont": "XCharter", "accent": "#b00020", "size": 12, "density": "airy",
    "dates": "long", "direction": "rtl", "links": "hidden", "photo": "square", "photoSize": 20, "pageNumbers": False,
    "order": ["skills", "*"], "side": ["work"], "sideAt": "start", "hidden": ["work"],
}  # fmt: skip


def strings_of(value: object) -> Iterator[str]:
    """Every string that must be found, without white space: where lines break is the template's affair."""
    if isinstance(value, dict):
        for name, child in value.items():
            if name not in NOT_SHOWN:
                yield from strings_of(child)
    elif isinstance(value, list):
        for child in value:
            yield from strings_of(child)
    elif isinstance(value, str) and not DATE.fullmatch(value):
        yield " ".join(value.split())


def missing(content: object, words: str) -> list[str]:
    """Strings that are not there. Only those of a word too long for its column may be found in two lines."""
    squeezed = "".join(words.split())
    return [
        text
        for text in strings_of(content)
        if text not in words
        and (max(map(len, text.split()), default=0) < 25 or "".join(text.split()) not in squeezed)
    ]


@pytest.fixture(scope="session")
def photo() -> Photo:
    buffer = io.BytesIO()
    Image.new("RGB", (600, 600), "#336699").save(buffer, "JPEG")
    return Photo(buffer.getvalue(), 600, 600)


@pytest.mark.parametrize("name", ["complete", "injection", "scripts", "wrong_types"])
async def test_every_string_is_in_the_text(
    engine: Engine, html_template: Template, document: Document, words_of: Callable[[bytes], str], name: str
) -> None:
    content = document(name)
    made = await engine.made(html_template, content, {"links": "written"}, title="A resume")
    assert missing(content, words_of(made.files[0])) == []
    assert {warning.code for warning in made.warnings} <= {"page_nearly_empty"}


async def test_an_arabic_resume_reads_from_right_to_left_and_keeps_addresses_whole(
    engine: Engine, html_template: Template, document: Document, words_of: Callable[[bytes], str]
) -> None:
    content = document("arabic")
    pdf = await engine.pdf(html_template, content, {"links": "written"}, language="ar")
    assert missing(content, words_of(pdf)) == []
    assert b"/Lang (ar)" in pdf


async def test_a_letter_is_whole(
    engine: Engine, html_template: Template, words_of: Callable[[bytes], str]
) -> None:
    made = await engine.made(html_template, LETTER_CONTENT, {}, kind=LETTER)
    words = words_of(made.files[0])
    assert missing(LETTER_CONTENT, words) == []
    assert "November 21, 2025" in words
    assert words.count("Notes") == 1
    assert made.page_count == 1


async def test_the_same_gives_the_same_bytes_in_a_tagged_file_with_title_language_and_outline(
    engine: Engine, html_template: Template
) -> None:
    first, second = [
        await engine.pdf(html_template, html_template.sample, {}, language="de-CH", title="Über mich")
        for _ in range(2)
    ]
    assert first == second
    for part in (
        b"/Marked true",
        b"/StructTreeRoot",
        b"/DisplayDocTitle true",
        b"/Lang (de-CH)",
        b"/S /H1",
        b"/S /H3",
    ):
        assert part in first
    assert b"Date (" not in first
    with pypdfium2.PdfDocument(first) as opened:
        assert opened.get_metadata_value("Title") == "Über mich"
        assert [item.get_title() for item in opened.get_toc()][:1] == [html_template.sample["basics"]["name"]]
        assert opened[0].get_size() == pytest.approx((595.3, 841.9), abs=0.5)


async def test_every_option_counts(engine: Engine, html_template: Template, photo: Photo) -> None:
    content = html_template.sample
    usual = await engine.pdf(html_template, content, {}, photo=photo)
    for name, option in html_template.options.items():
        others = OTHERS | {"fit": page_count(usual)}  # fills the last page
        value = not option.default if option.type == "boolean" else others[name]
        assert value != option.default
        assert await engine.pdf(html_template, content, {name: value}, photo=photo) != usual, name


async def test_later_pages_say_whose_they_are_and_which(
    engine: Engine, html_template: Template, document: Document, pages_of: Callable[[bytes], list[str]]
) -> None:
    content = document("complete") | {"basics": {"name": 'A "quoted" \\ {name}; }'}}
    options = {"size": 12, "density": "airy"}
    pages = pages_of(await engine.pdf(html_template, content, options))
    assert len(pages) > 1
    assert f"2 / {len(pages)}" in pages[1]
    assert 'A "quoted" \\ {name}; }' in pages[1]
    assert " / " + str(len(pages)) not in pages[0]
    without = pages_of(await engine.pdf(html_template, content, options | {"pageNumbers": False}))
    assert "2 / " not in without[1]


async def test_links_lead_where_they_say_or_from_the_words_they_belong_to(
    engine: Engine, html_template: Template, words_of: Callable[[bytes], str]
) -> None:
    content = {
        "basics": {"name": "Ada", "url": "https://ada.example/me", "email": "a@ada.example"},
        "work": [{"position": "Poet", "url": "https://www.poems.example/"}],
    }
    for links, seen in (
        ("written", ["https://ada.example/me", "https://www.poems.example/"]),
        ("short", ["ada.example/me", "poems.example"]),
        ("hidden", ["Website", "Poet", "a@ada.example"]),
    ):
        pdf = await engine.pdf(html_template, content, {"links": links})
        words = words_of(pdf)
        assert [text for text in seen if text not in words] == []
        assert ("https://" in words) == (links == "written")
        assert (".example/me" in words) == (links != "hidden")
        for address in (b"https://ada.example/me", b"https://www.poems.example/", b"mailto:a@ada.example"):
            assert b"/URI (" + address + b")" in pdf


async def test_a_document_fills_the_pages_that_are_asked_for_or_says_that_it_cannot(
    engine: Engine, banner: Template, document: Document
) -> None:
    sample = banner.sample
    fitted = await engine.made(banner, sample, {"fit": 1})
    assert fitted.page_count == 1
    assert "does_not_fit" not in {warning.code for warning in fitted.warnings}
    refused = await engine.made(banner, sample, {"fit": 9})
    assert "does_not_fit" in {warning.code for warning in refused.warnings}


async def test_sections_stand_in_columns_begin_pages_and_keep_together(
    engine: Engine, html_template: Template, pages_of: Callable[[bytes], list[str]]
) -> None:
    jobs = [{"position": f"Position {n}.", "name": "C", "summary": "words " * 50} for n in range(5)]
    content = {
        "basics": {"name": "Ada"},
        "work": jobs,
        "boards": jobs,
        "awards": [{"title": f"Prize {n}"} for n in range(3)],
    }
    styles = [
        SectionStyle(name="work", kind="work"),
        SectionStyle(name="boards", kind="work", title="On boards", keep_together=True),
        SectionStyle(name="awards", kind="awards", columns=3, page_break_before=True),
    ]
    pdf = await engine.pdf(html_template, content, {"size": 9}, sections=styles)
    pages = pages_of(pdf)
    (together,) = [page for page in pages if "On boards" in page]
    assert all(f"Position {n}." in together for n in range(5))
    assert "Prize 0" in pages[-1]
    assert "Position" not in pages[-1]
    with pypdfium2.PdfDocument(pdf) as opened:
        words = opened[len(opened) - 1].get_textpage()
        places = [words.get_charbox(words.search(f"Prize {n}").get_next()[0]) for n in range(3)]
    assert len({round(bottom) for _, bottom, _, _ in places}) == 1
    assert [left for left, *_ in places] == sorted({left for left, *_ in places})


async def test_words_with_hyphens_stay_on_the_line_they_stand_on(
    engine: Engine, html_template: Template
) -> None:
    words = ["Before", "well-known", "between", "2020–2023", "after"]  # noqa: RUF001
    line = " ".join(words)
    content = {"work": [{"position": line, "highlights": [line]}], "well-known": [{"summary": line}]}
    pdf = await engine.pdf(html_template, content, {"size": 8})
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        lines = [line.split() for line in text.get_text_range().splitlines()]
        assert lines.count(words) == 3
        searcher = text.search(line)
        while found := searcher.get_next():
            boxes = [text.get_charbox(found[0] + at, loose=True) for at in range(found[1])]
            assert len({round(bottom) for _, bottom, _, _ in boxes}) == 1
            assert [left for left, *_ in boxes] == sorted(left for left, *_ in boxes)


async def test_nothing_runs_over_an_edge_however_long_its_words(
    engine: Engine, html_template: Template, words_of: Callable[[bytes], str]
) -> None:
    long = "supercalifragilistic" * 15
    content = {
        "basics": {"name": long, "label": long, "email": f"{long}@example.org", "summary": long},
        "work": [
            {
                "position": long,
                "name": long,
                "startDate": long,
                "url": f"https://e.org/{long}",
                "highlights": [long],
            }
        ],
        "skills": [{"name": long, "level": long, "keywords": [long]}],
        "languages": [{"language": long, "fluency": long}],
    }
    styles = [SectionStyle(name="work", kind="work", columns=4)]
    made = await engine.made(html_template, content, {}, sections=styles)
    assert "text_overflows" not in {warning.code for warning in made.warnings}
    assert "".join(words_of(made.files[0]).split()).count(long) >= 12


@pytest.mark.parametrize("content", [{}, {"basics": None, "work": [{}]}])
async def test_an_empty_resume_is_an_empty_page(
    engine: Engine, html_template: Template, pages_of: Callable[[bytes], list[str]], content: dict[str, Any]
) -> None:
    assert pages_of(await engine.pdf(html_template, content, {})) == [""]


async def test_pages_come_as_pictures(engine: Engine, banner: Template) -> None:
    (png,) = (await engine.made(banner, {"basics": {"name": "Ada"}}, {}, format="png", ppi=72)).files
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.size == (595, 842)
        red, green, blue, *_ = picture.convert("RGB").getpixel((590, 30))
    assert (red, green, blue) == (0x0F, 0x4C, 0x5C)
    long = {"basics": {"name": "Ada"}, "work": [{"summary": "words " * 1500}]}
    made = await engine.made(banner, long, {}, format="svg", pages=(2,))
    assert made.page_count > 1
    assert len(made.files) == 1
    assert made.files[0].startswith(b"<svg ")


async def test_a_file_for_an_archive_is_refused(engine: Engine, banner: Template) -> None:
    with pytest.raises(RenderFailed, match="PDF/A-2A"):
        await engine.pdf(banner, {}, {}, standards=("ua-1", "a-2a"))
