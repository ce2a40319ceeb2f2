"""How a page is set: what stays together, what is mirrored, what breaks, and that every option does something."""

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from processor_standins.engine import Engine

from common.contracts.versions import SectionStyle
from processor.rendering import Template, load_builtin
from processor.rendering.documents import RESUME, Photo

Pages = Callable[[bytes], list[str]]
KIT_2 = [template for template in load_builtin().values() if template.engine == "typst" and template.kit == 2]
RESUMES = [template for template in KIT_2 if RESUME in template.kinds]
OWN = [load_builtin()[name, 2] for name in ("classic", "modern")]
LONG: dict[str, Any] = {
    "basics": {"name": "Ada Long"},
    "work": [
        {
            "position": f"Position {n}",
            "name": f"Company {n}",
            "startDate": "2001-02",
            "summary": "A summary of the work that was done here, long enough for two lines on any page. "
            * (1 + n % 3),
            "highlights": [f"Achievement {n}.{k} that took a while" for k in range(1 + n % 4)],
        }
        for n in range(14)
    ],
    "projects": [{"name": f"Project {n}", "description": f"Something small, {n}."} for n in range(8)],
}
HEADS = ("Experience", "Projects", "Position", "Project ", "Company", "Feb 2001")


def id_of(template: Template) -> str:
    return f"{template.id}-{template.version}"


def content_lines(page: str) -> list[str]:
    """The lines of a page without its foot."""
    return [
        line.strip()
        for line in page.splitlines()
        if line.strip() and " / " not in line and line.strip() != "Ada Long"
    ]


def photo() -> Photo:
    data = io.BytesIO()
    Image.new("RGB", (600, 600), "#8899aa").save(data, "JPEG")
    return Photo(data.getvalue(), 600, 600)


def place_of(pdf: bytes, words: str) -> tuple[float, float, float]:
    """Where the words stand on the first page: their left and right edges, and the width of the page, in points."""
    with pypdfium2.PdfDocument(pdf) as opened:
        page = opened[0]
        text = page.get_textpage()
        index, count = text.search(words, match_case=True).get_next() or pytest.fail(f"no {words}")
        boxes = [text.get_charbox(index + n) for n in range(count)]
        return min(box[0] for box in boxes), max(box[2] for box in boxes), page.get_width()


@pytest.mark.parametrize("template", RESUMES, ids=id_of)
async def test_no_head_stands_alone_at_the_foot_of_a_page_and_short_entries_stay_whole(
    engine: Engine, template: Template, pages_of: Pages
) -> None:
    for size in (9.2, 10.6):
        pages = pages_of(await engine.pdf(template, LONG, {"size": size}))
        assert len(pages) > 1
        for page in pages[:-1]:
            assert not content_lines(page)[-1].startswith(HEADS)
        for n in range(14):
            found = [
                k
                for k, page in enumerate(pages)
                for part in range(1 + n % 4)
                if f"Achievement {n}.{part} " in page
            ]
            assert len(found) == 1 + n % 4
            if template in OWN:
                assert len(set(found)) == 1


@pytest.mark.parametrize("template", RESUMES, ids=id_of)
async def test_later_pages_carry_name_and_number_unless_they_are_not_wanted(
    engine: Engine, template: Template, pages_of: Pages
) -> None:
    first, *others = pages_of(await engine.pdf(template, LONG, {}))
    assert "1 / " not in first
    for number, page in enumerate(others, start=2):
        words = " ".join(page.split())
        assert f"{number} / {len(others) + 1}" in words
        assert "Ada Long" in words
    without = pages_of(await engine.pdf(template, LONG, {"pageNumbers": False}))
    assert not any(f"{number} / {len(without)}" in page for number, page in enumerate(without, start=1))


# A value of each option that is not its default.
OTHERS: dict[str, Any] = {
    "page": "us-letter", "font": "Lato", "headingFont": "XCharter", "accent": "#204080", "size": 12, "density": "airy", "fit": 2,
    "dates": "long", "direction": "rtl", "links": "hidden", "photoSize": 20, "order": ["skills"], "hidden": ["work"],
}  # fmt: skip


@pytest.mark.parametrize("template", OWN, ids=id_of)
async def test_every_option_changes_what_is_seen(
    engine: Engine, template: Template, document: Callable[[str], dict[str, Any]]
) -> None:
    content = document("rich") | {
        "basics": document("rich")["basics"] | {"summary": "Wahrnehmungsverschiebungen " * 30}
    }
    base = {"hyphenate": False, "icons": False, "photo": "circle"}

    async def seen(**options: Any) -> list[bytes]:
        made = await engine.made(
            template, content, base | options, language="de", format="svg", photo=photo()
        )
        return made.files

    usual = await seen()
    changes = OTHERS | {"hyphenate": True, "icons": True, "photo": "none", "pageNumbers": False}
    assert set(changes) == set(template.options)
    assert [name for name, value in changes.items() if await seen(**{name: value}) == usual] == []


@pytest.mark.parametrize("template", RESUMES, ids=id_of)
async def test_a_page_from_right_to_left_is_the_mirror_of_one_from_left_to_right(
    engine: Engine, template: Template
) -> None:
    content = {
        "basics": {"name": "Ada"},
        "work": [{"position": "Programmer", "highlights": ["Machines"]}],
    }
    straight = await engine.pdf(template, content, {"direction": "ltr"}, language="he")
    mirrored = await engine.pdf(template, content, {"direction": "rtl"}, language="he")
    for words in ("Programmer", "Machines"):
        left, _, width = place_of(straight, words)
        _, right, _ = place_of(mirrored, words)
        assert width - right == pytest.approx(left, abs=6)


@pytest.mark.parametrize("language", ["th", "ja", "en", "hi"])
async def test_scripts_without_spaces_break_into_lines(engine: Engine, language: str) -> None:
    thai = "พัฒนาระบบค้นหาข้อมูลขนาดใหญ่สำหรับลูกค้าทั่วประเทศและดูแลทีมวิศวกรจำนวนแปดคน" * 3
    han = "负责分布式系统的设计与开发并改进响应时间" * 6
    content = {"basics": {"name": "Ada"}, "work": [{"position": "A", "highlights": [thai, han]}]}
    for template in OWN:
        pdf = await engine.pdf(template, content, {}, language=language)
        with pypdfium2.PdfDocument(pdf) as opened:
            page = opened[0]
            text = page.get_textpage()
            rights = [text.get_rect(index)[2] for index in range(text.count_rects())]
            assert max(rights) < page.get_width() - 40


@pytest.mark.parametrize("template", OWN, ids=id_of)
async def test_entries_beside_each_other_stay_in_their_columns(engine: Engine, template: Template) -> None:
    long = "supercalifragilisticexpialidocious" * 2
    content = {"work": [{"position": long, "name": "Left", "summary": "short"}, {"position": "Neighbour"}]}
    style = SectionStyle(name="work", kind="work", columns=4)
    pdf = await engine.pdf(template, content, {}, sections=[style])
    neighbour, _, _ = place_of(pdf, "Neighbour")
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        start, _ = text.search(long[:6]).get_next() or pytest.fail("no word")
        boxes = [text.get_charbox(start + n) for n in range(len(long))]
    assert max(box[2] for box in boxes) < neighbour
    assert len({round(box[1]) for box in boxes if box[1]}) > 1


async def test_signs_stay_behind_the_name_that_they_belong_to_where_lines_run_the_other_way(
    engine: Engine,
) -> None:
    content = {
        "basics": {"name": "ليلى"},
        "skills": [{"name": "لغات", "keywords": ["C++", "Go"]}],
        "work": [{"position": "مهندسة", "highlights": ["كتبت محركا بلغة Visual C++ سريعا."]}],
    }
    for name in ("modern", "technical", "minimal"):
        template = max((t for t in load_builtin().values() if t.id == name), key=lambda t: t.version)
        pdf = await engine.pdf(template, content, {}, language="ar")
        with pypdfium2.PdfDocument(pdf) as opened:
            text = opened[0].get_textpage()
            characters = text.get_text_range()
            assert "C++" in characters
            letters, signs = (
                [text.get_charbox(n) for n, character in enumerate(characters) if character == wanted]
                for wanted in "C+"
            )
        assert (len(letters), len(signs)) == (2, 4)
        for left, bottom, _, top in letters:
            behind = [sign for sign in signs if bottom - 2 < sign[1] < top and sign[0] > left]
            assert len(behind) == 2, name
