"""Titles of sections hang in the margin: beside the first words of their section, and never into what follows."""

from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from processor_standins.engine import Engine

from common.contracts.versions import SectionStyle
from processor.rendering import Template, load_builtin

SECTIONS = 7
CONTENT: dict[str, Any] = {
    "basics": {"name": "Ada Long", "summary": "A statement."},
    **{
        f"part{n}": [{"position": f"Position {n}.{k}", "summary": "words " * 40} for k in range(3)]
        for n in range(SECTIONS)
    },
}


@pytest.fixture(scope="module")
def executive() -> Template:
    return load_builtin()["executive", 1]


def box(pdf: bytes, words: str) -> tuple[int, float, float]:
    """The page that words are on (from 0), and from where to where they reach above its foot, in points."""
    with pypdfium2.PdfDocument(pdf) as opened:
        for number, page in enumerate(opened):
            text = page.get_textpage()
            if found := text.search(words, match_case=True).get_next():
                _, bottom, _, top = text.get_charbox(found[0])
                return number, bottom, top
    return pytest.fail(f"no {words}")


@pytest.mark.parametrize("size", [8, 9, 10, 11, 12, 13])
async def test_a_title_hangs_beside_the_first_words_of_its_section(
    executive: Template, engine: Engine, size: float
) -> None:
    styles = [SectionStyle(name=f"part{n}", kind="work", title=f"Title {n}") for n in range(SECTIONS)]
    pdf = await engine.pdf(executive, CONTENT, {"size": size}, sections=styles)
    for n in range(SECTIONS):
        (page, _, top), (page_of_words, _, top_of_words) = box(pdf, f"Title {n}"), box(pdf, f"Position {n}.0")
        assert page == page_of_words
        assert abs(top - top_of_words) < 8


async def test_the_next_section_waits_for_a_title_that_is_taller_than_its_section(
    executive: Template, engine: Engine
) -> None:
    title = "Languages that I speak and write whenever anybody lets me do soever"
    content = {"languages": [{"language": "English", "fluency": "Native"}], "interests": [{"name": "Maps"}]}
    styles = [
        SectionStyle(name="languages", kind="languages", title=title),
        SectionStyle(name="interests", kind="interests"),
    ]
    pdf = await engine.pdf(executive, content, {}, sections=styles)
    (_, bottom, _), (_, _, top) = box(pdf, "soever"), box(pdf, "Interests")
    assert top < bottom


async def test_a_name_is_set_as_large_as_its_longest_word_allows(
    executive: Template, engine: Engine, pages_of: Callable[[bytes], list[str]]
) -> None:
    heights = []
    for name in ("Ada Long", "Ada Wolfeschlegelsteinhausenbergerdorff"):
        pdf = await engine.pdf(executive, {"basics": {"name": name}}, {})
        assert name.split()[1] in pages_of(pdf)[0]
        _, bottom, top = box(pdf, "A")
        heights.append(top - bottom)
    assert heights[0] > heights[1] * 1.1
