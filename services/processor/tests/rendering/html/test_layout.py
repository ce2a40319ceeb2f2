"""Where words stand on the pages of HTML templates: none on another, in their own order, and as far as the page goes."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pypdfium2
import pytest
from processor_standins.engine import Engine

from common.contracts.versions import SectionStyle
from processor.rendering import Template

Box = tuple[float, float, float, float]
NURSE: dict[str, Any] = {
    "basics": {
        "name": "Siobhán O'Connor-Walsh",
        "label": "Registered nurse, acute medicine",
        "email": "siobhan.oconnor-walsh@mail.example",
        "url": "https://www.linkedin.example/in/siobhan-oconnor-walsh-rgn",
        "profiles": [
            {"network": "Mastodon", "username": "@siobhan@nurses.example", "url": "https://nurses.example/@siobhan"}
        ],
        "summary": "Twelve years in acute care \N{EN DASH} calm in a full waiting room, and 24/7 on call.",
    },
    "work": [
        {
            "position": f"Staff nurse, well-known ward {number}",
            "name": "University Hospital",
            "location": "Galway",
            "startDate": f"20{10 + number}-03",
            "highlights": [
                "28-bed acute admissions ward with up to 40 admissions a day.",
                "Led the roll-out of early-warning scores (NEWS2); transfers fell by 18 % in 12 months.",
                "In-house trainer for point-of-care testing and non-invasive ventilation (CPAP/BiPAP).",
            ],
        }
        for number in range(9)
    ],
    "certificates": [{"name": "Advanced Life Support (ALS)", "issuer": "Council", "date": "2024-05"}] * 3,
    "skills": [{"name": "Systems", "keywords": ["MEWS/NEWS2", "12-lead ECG", "Double-checking", "C++"]}] * 4,
    "languages": [{"language": name, "fluency": "Basic (A2)"} for name in ("English", "Irish", "Polish", "Twi")],
    "references": [{"name": "Dr Ní Bhriain", "reference": "The nurse \N{EN DASH} whom I want on duty \N{EN DASH} in a full house."}],
}  # fmt: skip
ARABIC: dict[str, Any] = {
    "basics": {"name": "كريم المنصوري", "label": "مهندس منصات", "email": "karim@mansouri.example"},
    "work": [
        {
            "position": "مهندس أول",
            "name": "Example Labs",
            "startDate": "2019-02",
            "highlights": [
                "خفض زمن الاستجابة من 800 إلى 120 ميلي ثانية في خدمة الدفع.",
                "ترقية 14 عنقودا إلى Kubernetes 1.28 دون توقف (on-call).",
                "إعادة كتابة المحرك بلغة C++ وتوفير 35% من الخوادم.",
            ],
        }
    ],
    "skills": [{"name": "لغات", "keywords": ["C++", "Go", "Python 3.12", "بايثون"]}],
}


def words_on(page: pypdfium2.PdfPage) -> list[Box]:
    """The boxes of the words, drawn in by a part of their height: letters of lines that are close may touch."""
    text = page.get_textpage()
    words: list[Box] = []
    last: Box | None = None
    for index, letter in enumerate(text.get_text_range(errors="replace")):
        box = None if letter.isspace() else text.get_charbox(index)
        if box and last and box[1] < last[3] and last[1] < box[3]:  # of the same line
            words[-1] = (*map(min, words[-1][:2], box[:2]), *map(max, words[-1][2:], box[2:]))
        elif box:
            words.append(box)
        last = words[-1] if box else None
    return [
        (left + 0.6, bottom + high, right - 0.6, top - high)
        for left, bottom, right, top in words
        if (high := 0.22 * (top - bottom)) and right - left > 2
    ]


def collisions(pdf: bytes) -> Iterator[tuple[Box, Box]]:
    with pypdfium2.PdfDocument(pdf) as opened:
        for page in opened:
            for one, other in combinations(words_on(page), 2):
                if max(one[0], other[0]) < min(one[2], other[2]) and max(one[1], other[1]) < min(
                    one[3], other[3]
                ):
                    yield one, other


@pytest.mark.parametrize(
    ("content", "language", "options"),
    [(NURSE, "en", {}), (NURSE, "en", {"page": "us-letter", "fit": 2, "size": 10}), (ARABIC, "ar", {})],
    ids=["hyphens", "fitted", "arabic"],
)
async def test_no_words_are_printed_on_others(
    engine: Engine, html_template: Template, content: dict[str, Any], language: str, options: dict[str, Any]
) -> None:
    made = await engine.made(html_template, content, options, language=language)
    assert list(collisions(made.files[0])) == []
    assert {warning.code for warning in made.warnings} <= {"page_nearly_empty"}


async def test_a_bullet_in_arabic_stays_on_its_line_whatever_numbers_it_holds(
    engine: Engine, html_template: Template, pages_of: Callable[[bytes], list[str]]
) -> None:
    (page,) = pages_of(await engine.pdf(html_template, ARABIC, {}, language="ar"))
    assert ARABIC["work"][0]["highlights"][0] in page.splitlines()


async def test_signs_stay_behind_their_word_in_arabic(engine: Engine, html_template: Template) -> None:
    pdf = await engine.pdf(html_template, ARABIC, {}, language="ar")
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        letters = text.get_text_range()
        boxes = [(letter, text.get_charbox(index)) for index, letter in enumerate(letters) if letter in "C+"]
    ends = [right for letter, (_, _, right, _) in boxes if letter == "C"]
    signs = [left for letter, (left, *_) in boxes if letter == "+"]
    assert len(signs) == 4
    for end in ends:  # each has two signs right behind it
        assert len([left for left in signs if 0 <= left - end + 1 < 20]) == 2


async def test_text_takes_the_width_of_pages_that_the_side_does_not_reach(
    engine: Engine, banner: Template
) -> None:
    made = await engine.made(banner, NURSE, {})
    with pypdfium2.PdfDocument(made.files[0]) as opened:
        assert len(opened) == 2
        ends = [page.get_textpage() for page in opened]
        words = [text.search("28-bed acute") for text in ends]
        dates = [text.search(" \N{EN DASH} Present") for text in ends]
        rights = [
            text.get_charbox(found.get_next()[0] + 5)[2] for text, found in zip(ends, dates, strict=True)
        ]
        assert all(found.get_next() for found in words)
    assert rights[1] > rights[0] + 100


async def test_pages_are_filled_before_the_next_begins(engine: Engine, html_template: Template) -> None:
    heads = [
        {"title": f"Prize number {number}", "awarder": "Academy", "date": "2020"} for number in range(90)
    ]
    pdf = await engine.pdf(html_template, {"basics": {"name": "Ada"}, "awards": heads, "grants": heads}, {})
    with pypdfium2.PdfDocument(pdf) as opened:
        assert len(opened) > 2
        titles = {item.get_title() for item in opened.get_toc()}
        assert titles <= {
            "Ada",
            "Awards",
            "Grants",
            *(head["title"] for head in heads),
        }  # none is there twice
        for page in list(opened)[:-1]:
            words = [bottom for _, bottom, _, _ in words_on(page) if bottom > 48]
            assert min(words) < 140


async def test_an_account_is_named_once_where_its_name_says_its_address(
    engine: Engine, html_template: Template, words_of: Callable[[bytes], str]
) -> None:
    short = await engine.pdf(html_template, NURSE, {"links": "short"})
    assert words_of(short).count("nurses.example") == 1
    assert b"/URI (https://nurses.example/@siobhan)" in short
    assert "https://nurses.example/@siobhan" in words_of(
        await engine.pdf(html_template, NURSE, {"links": "written"})
    )


async def test_entries_beside_each_other_do_not_meet(engine: Engine, html_template: Template) -> None:
    styles = [
        SectionStyle(name="work", kind="work", columns=2),
        SectionStyle(name="skills", kind="skills", columns=3),
    ]
    pdf = await engine.pdf(html_template, NURSE, {}, sections=styles)
    assert list(collisions(pdf)) == []
