"""What one sees at a glance in a template, and would miss if it were gone."""

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from processor_standins.engine import Engine

from processor.rendering import Template, load_builtin
from processor.rendering.samples import read

TEMPLATES = load_builtin()
ACADEMIC, MINIMAL = TEMPLATES["academic", 1], TEMPLATES["minimal", 1]
COMPACT, EDITORIAL = TEMPLATES["compact", 1], TEMPLATES["editorial", 1]
Pages = Callable[[bytes], list[str]]


async def pdf_of(engine: Engine, template: Template, name: str, **options: Any) -> bytes:
    document = read(name)
    return await engine.pdf(
        template,
        document.content,
        options,
        language=document.language,
        title=document.title,
        sections=document.sections,
        kind=document.kind,
    )


def left_of(pdf: bytes, *words: str) -> list[float]:
    """How far from the left of the first page each of the words begins, in points."""
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        starts = [
            text.search(word, match_case=True).get_next() or pytest.fail(f"no {word}") for word in words
        ]
        return [text.get_charbox(index, loose=True)[0] for index, _ in starts]


async def test_academic_numbers_publications_on_from_section_to_section(
    engine: Engine, pages_of: Pages
) -> None:
    words = " ".join("".join(pages_of(await pdf_of(engine, ACADEMIC, "long"))).split())
    articles, books = words.index("Two states of drainage"), words.index("The Hidden River")
    assert words[:articles].endswith("1 E. Osei-Whitcombe, M. Tanaka and L. Brandvik. ")
    assert words[:books].endswith(" 10 ")


async def test_academic_heads_a_page_with_the_section_that_goes_on(engine: Engine, pages_of: Pages) -> None:
    works = [{"name": f"On the ice of {year}", "publisher": "Journal of Ice"} for year in range(1950, 2010)]
    content = {"basics": {"name": "Ada Frost"}, "publications": works}
    first, second = pages_of(await engine.pdf(ACADEMIC, content, {}))
    assert first.count("Publications") == 1
    assert " ".join(second.split()).startswith("Publications Ada Frost 2 / 2 ")


@pytest.mark.parametrize(("options", "coloured"), [({}, False), ({"accent": "#b3261e"}, True)])
@pytest.mark.parametrize("name", ["long", "letter"])
async def test_minimal_has_no_colour_but_the_accent_that_was_asked_for(
    engine: Engine, name: str, options: dict[str, Any], coloured: bool
) -> None:
    document = read(name)
    page, *_ = await engine.pages(
        MINIMAL, document.content, options, kind=document.kind, format="png", ppi=50
    )
    _, saturation, _ = Image.open(io.BytesIO(page)).convert("RGB").convert("HSV").split()
    assert (saturation.getextrema()[1] > 0) is coloured


async def test_minimal_hangs_dates_beside_the_text_and_reads_them_after_the_title(
    engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    pdf = await pdf_of(engine, MINIMAL, "short")
    name, title, date = left_of(pdf, "Joana", "Staff nurse", "Sept 2022")
    assert name == pytest.approx(title, abs=3)
    assert date < title - 80
    words = words_of(pdf)
    assert words.index("Staff nurse") < words.index("Sept 2022") < words.index("Looks after")


@pytest.mark.parametrize("name", ["short", "arabic", "letter"])
async def test_compact_has_one_page(engine: Engine, pages_of: Pages, name: str) -> None:
    assert len(pages_of(await pdf_of(engine, COMPACT, name, size=12))) == 1


async def test_compact_sets_short_entries_side_by_side(engine: Engine) -> None:
    pdf = await pdf_of(engine, COMPACT, "short")
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        lines = {}
        for word in ("Clinical", "On the ward"):
            index, _ = text.search(word).get_next() or pytest.fail(word)
            lines[word] = text.get_charbox(index, loose=True)[1]
    assert lines["Clinical"] == pytest.approx(lines["On the ward"], abs=1)


async def test_editorial_sets_notes_in_the_margin_and_reads_them_after_the_title(
    engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    pdf = await pdf_of(engine, EDITORIAL, "short")
    title, date = left_of(pdf, "Staff nurse", "Sept 2022")
    assert date > title + 300
    words = words_of(pdf)
    assert words.index("Avonside") < words.index("Sept 2022") < words.index("Looks after")


async def test_an_editorial_letter_is_read_from_its_address_on(
    engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    words = words_of(await pdf_of(engine, EDITORIAL, "letter"))
    assert words.index("Ms Priya Raman") < words.index("Ward sister") < words.index("Dear Ms Raman")
