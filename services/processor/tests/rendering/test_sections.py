"""What the writer says of a section is seen in the PDF: its title, its kind, its columns, where its page begins."""

from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from processor_standins.engine import Engine

from common.contracts.versions import SectionStyle
from processor.rendering import Template

Pages = Callable[[bytes], list[str]]
CONTENT: dict[str, Any] = {
    "basics": {"name": "Ada Long"},
    "work": [{"position": "Programmer", "name": "Engines Ltd", "startDate": "2001-02"}],
    "boards": [
        {"position": f"Adviser {n}", "name": f"Board {n}", "startDate": "2011-02", "endDate": "2012-03"}
        for n in range(4)
    ],
    "skills": [{"name": f"Skill {n}", "keywords": [f"word{n}"]} for n in range(4)],
}


async def render(template: Template, engine: Engine, *styles: SectionStyle, **changes: Any) -> bytes:
    content, language = changes.get("content", CONTENT), changes.get("language", "en")
    return await engine.pdf(template, content, {}, language=language, title="", sections=styles)


def places(pdf: bytes, *words: str) -> list[tuple[int, int]]:
    """Where on the first page each of the words begins: from its left and from its foot, in points."""
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        found = []
        for word in words:
            searcher = text.search(word, match_case=True)
            index, _ = searcher.get_next() or pytest.fail(f"no {word}")
            left, bottom, _, _ = text.get_charbox(index, loose=True)
            found.append((round(left), round(bottom)))
            searcher.close()
        return found


def in_order(words: str, *titles: str) -> bool:
    places = [words.index(title) for title in titles]
    return places == sorted(places)


async def test_a_section_is_headed_as_its_writer_wants(
    template: Template, engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    style = SectionStyle(name="work", kind="work", title="Employment\nhistory")
    words = words_of(await render(template, engine, style))
    assert "Employment history" in words
    assert "Experience" not in words


async def test_a_second_section_of_a_kind_prints_like_it_under_its_own_title(
    template: Template, engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    titled = SectionStyle(name="boards", kind="work", title="On boards")
    words = words_of(await render(template, engine, titled))
    assert "Experience" in words
    assert "On boards" in words
    untitled = words_of(await render(template, engine, SectionStyle(name="boards", kind="work")))
    assert "Boards" in untitled
    as_work = {"work": CONTENT["boards"]}
    alone = await render(template, engine, SectionStyle(name="work", kind="work", title="X"), content=as_work)
    under_another_name = await render(
        template, engine, SectionStyle(name="b", kind="work", title="X"), content={"b": CONTENT["boards"]}
    )
    assert words_of(alone) == words_of(under_another_name)


async def test_sections_of_a_kind_stay_in_the_order_of_the_document(
    template: Template, engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    style = SectionStyle(name="boards", kind="work", title="On boards")
    words = words_of(await render(template, engine, style))
    assert words.index("Experience") < words.index("On boards") < words.index("Skills")
    turned = dict(reversed(CONTENT.items()))
    words = words_of(await render(template, engine, style, content=turned))
    assert words.index("On boards") < words.index("Experience")


async def test_sections_print_in_the_order_of_their_writer(
    template: Template, engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    names = {"skills": "Skills", "references": "References", "work": "Experience", "education": "Education"}
    content: dict[str, Any] = {name: [{"name": f"One of {name}"}] for name in names}
    as_moved = [SectionStyle(name=name, kind=name) for name in names]
    moved = words_of(await render(template, engine, *as_moved, content=content))
    assert in_order(moved, *names.values())
    same_content = [SectionStyle(name=name, kind=name) for name in reversed(names)]
    turned = words_of(await render(template, engine, *same_content, content=content))
    assert in_order(turned, *reversed(names.values()))
    without = words_of(await render(template, engine, content=content))
    assert without.index("Experience") < without.index("Skills") < without.index("References")


async def test_members_that_no_style_names_stay_where_they_are(
    template: Template, engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    content: dict[str, Any] = {name: [{"name": "x"}] for name in ("skills", "boats", "work", "gliders")}
    styles = [SectionStyle(name=name, kind=name) for name in ("work", "not there", "skills")]
    words = words_of(await render(template, engine, *styles, content=content))
    assert in_order(words, "Experience", "Boats", "Skills", "Gliders")


async def test_an_order_that_is_asked_for_comes_before_the_order_of_the_writer(
    template: Template, engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    styles = [SectionStyle(name=name, kind=name) for name in ("skills", "boards", "work")]
    for options, titles in (
        ({"order": ["work", "*"]}, ("Experience", "Skills", "Boards")),
        ({"order": []}, ("Skills", "Boards", "Experience")),
    ):
        pdf = await engine.pdf(template, CONTENT, options, language="en", title="", sections=styles)
        assert in_order(words_of(pdf), *titles)


async def test_one_section_of_a_kind_can_be_moved_or_hidden_by_its_name(
    template: Template, engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    style = SectionStyle(name="boards", kind="work", title="On boards")
    options = {"order": ["boards", "*"], "hidden": ["skills"]}
    pdf = await engine.pdf(template, CONTENT, options, language="en", title="", sections=[style])
    words = words_of(pdf)
    assert words.index("On boards") < words.index("Experience")
    pdf = await engine.pdf(
        template, CONTENT, {"hidden": ["boards"]}, language="en", title="", sections=[style]
    )
    assert "On boards" not in words_of(pdf)


@pytest.mark.parametrize("name", ["boards", "skills"])
@pytest.mark.parametrize("columns", [2, 3, 4])
async def test_items_stand_beside_each_other_in_columns(
    template: Template, engine: Engine, name: str, columns: int
) -> None:
    kind = "work" if name == "boards" else name
    titles = [f"{'Adviser' if name == 'boards' else 'Skill'} {n}" for n in range(4)]
    found = places(
        await render(template, engine, SectionStyle(name=name, kind=kind, columns=columns)), *titles
    )
    first_row = found[:columns]
    assert len({bottom for _, bottom in first_row}) == 1
    assert [left for left, _ in first_row] == sorted({left for left, _ in first_row})
    if columns < 4:
        below_left, below = found[columns]
        assert below < first_row[0][1]
        assert abs(below_left - first_row[0][0]) <= 1


async def test_columns_lose_no_word_and_none_runs_into_the_next(
    template: Template, engine: Engine, pages_of: Pages
) -> None:
    long = "supercalifragilisticexpialidocious" * 2
    address = "https://example.org/a/very/long/path/that/goes/on/and/on/without/end"
    content = {"work": [{"position": long, "url": address, "summary": "short"}, {"position": "Neighbour"}]}
    pdf = await render(template, engine, SectionStyle(name="work", kind="work", columns=4), content=content)
    joined = "".join("".join(pages_of(pdf)).split())
    assert long in joined
    assert address in joined
    [(neighbour, _)] = places(pdf, "Neighbour")
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        start = text.search(long[:4]).get_next()
        assert start is not None
        rights = [text.get_charbox(start[0] + n)[2] for n in range(len(long))]
    assert max(rights) < neighbour


async def test_a_page_begins_before_a_section_that_asks_for_it(
    template: Template, engine: Engine, pages_of: Pages
) -> None:
    pages = pages_of(
        await render(template, engine, SectionStyle(name="skills", kind="skills", page_break_before=True))
    )
    assert len(pages) == 2
    assert "Skills" not in pages[0]
    assert "Skills" in pages[1]
    first = SectionStyle(name="work", kind="work", page_break_before=True)
    nothing_before = {"work": CONTENT["work"]}
    assert len(pages_of(await render(template, engine, first, content=nothing_before))) == 1


async def test_a_section_that_keeps_together_moves_to_a_page_that_can_hold_it(
    template: Template, engine: Engine, pages_of: Pages
) -> None:
    many = [{"position": f"Position {n}", "name": "C", "summary": "words " * 60} for n in range(5)]
    content = {"work": many, "boards": many}
    together = SectionStyle(name="boards", kind="work", title="Boards", keep_together=True)
    apart = pages_of(
        await render(template, engine, SectionStyle(name="boards", kind="work"), content=content)
    )
    assert "Boards" in apart[0]
    kept = pages_of(await render(template, engine, together, content=content))
    assert "Boards" not in kept[0]
    assert all(f"Position {n}" in kept[1] for n in range(5))


async def test_a_section_longer_than_a_page_that_keeps_together_is_whole(
    template: Template, engine: Engine, pages_of: Pages
) -> None:
    jobs = [{"position": f"Position {n}.", "name": "C", "summary": "words " * 60} for n in range(40)]
    style = SectionStyle(name="work", kind="work", keep_together=True, columns=2)
    pages = pages_of(await render(template, engine, style, content={"work": jobs}))
    assert all(any(f"Position {n}." in page for page in pages) for n in range(40))


async def test_columns_run_from_right_to_left_where_the_language_does(
    template: Template, engine: Engine
) -> None:
    style = SectionStyle(name="skills", kind="skills", columns=2)
    (first, _), (second, _) = places(
        await render(template, engine, style, language="ar"), "Skill 0", "Skill 1"
    )
    assert first > second


async def test_columns_beyond_reason_are_as_many_as_there_may_be(template: Template, engine: Engine) -> None:
    for columns in (-1, 0, 99):
        style = SectionStyle(name="skills", kind="skills", columns=columns)
        assert (await render(template, engine, style)).startswith(b"%PDF-")
