"""Two columns: where each stands, in which order they are read, and how they go on over pages."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from pdfminer.high_level import extract_text
from PIL import Image
from processor_standins.engine import Engine

from common.contracts.versions import SectionStyle
from processor.rendering import Template, load_builtin
from processor.rendering.documents import Photo

Pages = Callable[[bytes], list[str]]
STORY = "Led the move of a whole company to a place where it could grow, and stayed until it had. "
SMALL_STORY = "Reads maps and old timetables, walks where both say that nobody should be walking. "
CONTENT: dict[str, Any] = {
    "basics": {
        "name": "Ada Long",
        "label": "Engineer",
        "email": "ada@mail.example",
        "summary": "Ten years of it.",
    },
    "work": [{"position": "Programmer", "name": "Engines Ltd", "summary": (STORY * 3).strip()}],
    "skills": [{"name": "Analysis", "keywords": ["Tables"]}],
    "interests": [{"name": "Maps", "summary": (SMALL_STORY * 2).strip()}],
    "languages": [{"language": "English", "fluency": "Native"}],
}
IN_READING_ORDER = (
    "Ada Long",
    "Engineer",
    "Ten years",
    "ada@",
    "Skills",
    "Languages",
    "Interests",
    "Experience",
)


@pytest.fixture(scope="module")
def sidebar() -> Template:
    return load_builtin()["sidebar", 1]


@pytest.fixture(scope="module")
def photo() -> Photo:
    picture = io.BytesIO()
    Image.new("RGB", (600, 600), "#8899aa").save(picture, "JPEG")
    return Photo(picture.getvalue(), 600, 600)


def left_of(pdf: bytes, words: str, page: int = 0) -> float:
    """How far from the left edge of a page the words begin, in points."""
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[page].get_textpage()
        index, _ = text.search(words, match_case=True).get_next() or pytest.fail(f"no {words}")
        return float(text.get_charbox(index)[0])


def in_tag_order(pdf: bytes) -> str:
    """The text of the first page as its tags have it, which is how it is read aloud."""
    with pypdfium2.PdfDocument(pdf) as opened:
        page = opened[0]
        marked = _marked_text(page)
        tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
        roots = [
            pdfium.FPDF_StructTree_GetChildAtIndex(tree, n)
            for n in range(pdfium.FPDF_StructTree_CountChildren(tree))
        ]
        read = " ".join(marked.get(mark, "") for root in roots for mark in _marks(root))
        pdfium.FPDF_StructTree_Close(tree)
        return read


def _marked_text(page: pypdfium2.PdfPage) -> dict[int, str]:
    text, marked = page.get_textpage(), dict[int, str]()
    for n in range(text.count_chars()):
        if drawn := pdfium.FPDFText_GetTextObject(text.raw, n):
            mark = pdfium.FPDFPageObj_GetMarkedContentID(drawn)
            marked[mark] = marked.get(mark, "") + chr(pdfium.FPDFText_GetUnicode(text.raw, n))
    return marked


def _marks(element: Any) -> Iterator[int]:
    for n in range(pdfium.FPDF_StructElement_CountChildren(element)):
        if (mark := pdfium.FPDF_StructElement_GetChildMarkedContentID(element, n)) >= 0:
            yield mark
        elif child := pdfium.FPDF_StructElement_GetChildAtIndex(element, n):
            yield from _marks(child)


@pytest.mark.parametrize("at", ["start", "end"])
async def test_the_head_is_read_first_then_the_side_column_then_the_wide_one(
    sidebar: Template, engine: Engine, words_of: Callable[[bytes], str], at: str
) -> None:
    pdf = await engine.pdf(sidebar, CONTENT, {"sideAt": at})
    for read in (words_of(pdf), in_tag_order(pdf)):
        places = [read.index(words) for words in IN_READING_ORDER]
        assert places == sorted(places)


@pytest.mark.parametrize("language", ["en", "he"])
async def test_lines_of_the_two_columns_do_not_mix(
    sidebar: Template, engine: Engine, words_of: Callable[[bytes], str], language: str
) -> None:
    pdf = await engine.pdf(sidebar, CONTENT, {}, language=language)
    for read in (words_of(pdf), " ".join(extract_text(io.BytesIO(pdf)).split())):
        assert (STORY * 3).strip() in read
        assert (SMALL_STORY * 2).strip() in read


async def test_a_first_contact_as_high_as_the_end_of_the_summary_does_not_come_between(
    sidebar: Template, engine: Engine, words_of: Callable[[bytes], str], photo: Photo
) -> None:
    summary = (SMALL_STORY * 5).strip()
    content = {"basics": {**CONTENT["basics"], "summary": summary}}
    for width in (34, 35, 36, 37):
        pdf = await engine.pdf(sidebar, content, {"photoSize": width}, photo=photo)
        assert summary in words_of(pdf), width


@pytest.mark.parametrize(
    ("language", "at", "side_is_left"),
    [("en", "start", True), ("en", "end", False), ("ar", "start", False), ("ar", "end", True)],
)
async def test_the_side_column_stands_where_lines_start_or_end(
    sidebar: Template, engine: Engine, language: str, at: str, side_is_left: bool
) -> None:
    pdf = await engine.pdf(sidebar, CONTENT, {"sideAt": at}, language=language)
    assert (left_of(pdf, "Analysis") < left_of(pdf, "Programmer")) is side_is_left


async def test_sections_stand_in_the_column_that_they_are_named_for(
    sidebar: Template, engine: Engine
) -> None:
    pdf = await engine.pdf(sidebar, CONTENT, {"side": ["work"]})
    assert left_of(pdf, "Programmer") < left_of(pdf, "Analysis")


async def test_both_columns_go_on_over_pages_and_lose_no_word(
    sidebar: Template, engine: Engine, pages_of: Pages
) -> None:
    jobs = [{"position": f"Position {n}.", "name": "C", "summary": STORY * 4} for n in range(16)]
    skills = [{"name": f"Skill {n}.", "keywords": ["one", "two"]} for n in range(60)]
    pages = pages_of(await engine.pdf(sidebar, {**CONTENT, "work": jobs, "skills": skills}, {}))
    words = " ".join(pages)
    assert all(f"Position {n}." in words for n in range(16))
    assert all(f"Skill {n}." in words for n in range(60))
    assert "Skill 59." not in pages[0]
    assert "Position 15." not in pages[0]
    assert f"Ada Long {len(pages)} / {len(pages)}" in " ".join(pages[-1].split())


async def test_a_page_that_begins_in_the_wide_column_leaves_the_side_column_alone(
    sidebar: Template, engine: Engine, pages_of: Pages
) -> None:
    styles = [SectionStyle(name="awards", kind="awards", page_break_before=True)]
    content = {**CONTENT, "awards": [{"title": "Prize"}]}
    first, second = pages_of(await engine.pdf(sidebar, content, {}, sections=styles))
    assert "Native" in first
    assert "Prize" not in first
    assert "Prize" in second


async def test_a_summary_longer_than_a_page_flows_beside_the_side_column(
    sidebar: Template, engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    summary = "\n\n".join([(STORY * 8).strip()] * 12)
    content = {**CONTENT, "basics": {**CONTENT["basics"], "summary": summary}}
    pdf = await engine.pdf(sidebar, content, {})
    assert words_of(pdf).count((STORY * 8).strip()) == 12
    assert left_of(pdf, "Led the move") > left_of(pdf, "Analysis") + 100


@pytest.mark.parametrize("column", ["solid", "tinted", "none"])
@pytest.mark.parametrize("accent", ["#1f3d4d", "#ffe14d", "#808080", "#ffffff", "#000000"])
async def test_words_are_easy_to_read_on_a_column_of_any_colour(
    sidebar: Template, engine: Engine, photo: Photo, column: str, accent: str
) -> None:
    options = {"column": column, "accent": accent}
    assert (await engine.made(sidebar, CONTENT, options, photo=photo)).warnings == []
