"""What can be looked up stands in cells: all of a row's width is used, and no word leaves its cell."""

import pypdfium2
import pytest
from processor_standins.engine import Engine

from processor.rendering import Template, load_builtin

LONG_WORD = "Softwareentwicklungsmethodenberatung"


@pytest.fixture(scope="module")
def technical() -> Template:
    return load_builtin()["technical", 1]


def reach(pdf: bytes, words: str) -> tuple[float, float, float]:
    """From where to where words reach from the left edge of the first page, and their height above its foot, in points."""
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        index, count = text.search(words, match_case=True).get_next() or pytest.fail(f"no {words}")
        boxes = [text.get_charbox(index + n) for n in range(count)]
        return min(b[0] for b in boxes), max(b[2] for b in boxes), min(b[1] for b in boxes)


async def test_skills_come_before_work_unless_their_writer_has_them_elsewhere(
    technical: Template, engine: Engine
) -> None:
    content = {"work": [{"position": "Programmer"}], "skills": [{"name": "Rust", "keywords": ["Tokio"]}]}
    skills_first = await engine.pdf(technical, content, {})
    assert reach(skills_first, "Tokio")[2] > reach(skills_first, "Programmer")[2]
    work_first = await engine.pdf(technical, content, {"order": ["work", "*"]})
    assert reach(work_first, "Tokio")[2] < reach(work_first, "Programmer")[2]


async def test_skills_stand_beside_each_other_and_no_word_leaves_its_cell(
    technical: Template, engine: Engine
) -> None:
    skills = [{"name": name, "level": "Good", "keywords": [LONG_WORD]} for name in ("One", "Two", "Three")]
    pdf = await engine.pdf(technical, {"skills": skills}, {"size": 12})
    places = [reach(pdf, name) for name in ("One", "Two", "Three")]
    assert len({round(bottom) for _, _, bottom in places}) == 1
    assert reach(pdf, LONG_WORD[:8])[1] < places[1][0]


async def test_the_cells_of_the_title_block_are_thirds_and_hold_what_they_say(
    technical: Template, engine: Engine
) -> None:
    address = "a.very.long.address.of.a.person.with.many.names@department.example"
    basics = {"name": "Ada", "email": address, "phone": "+46 8 555", "url": "https://ada.example"}
    pdf = await engine.pdf(technical, {"basics": basics}, {})
    (start, end, _), (phone, _, of_phone), (site, _, of_site) = (
        reach(pdf, words) for words in ("a.very.long", "+46", "ada.ex")
    )
    assert abs((phone - start) - (site - phone)) < 1
    assert max(end, reach(pdf, "department.example")[1]) < phone
    assert abs(of_site - of_phone) < 4
