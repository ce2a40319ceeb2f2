"""Whatever a text holds, it changes nothing but itself: the words around it stay, in their places and on their paper."""

import re
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from processor_standins.engine import Engine

from processor.outlines.text import clean
from processor.rendering import Template, load_builtin
from processor.rendering.documents import LETTER, RESUME

TYPST = [template for template in load_builtin().values() if template.engine == "typst" and template.kit == 2]
RESUMES = [template for template in TYPST if RESUME in template.kinds]
LETTERS = [template for template in TYPST if LETTER in template.kinds]
SHORT = {
    "typst": '#import "/x.typ": * #panic("x") $x^2$ *bold* _it_ `raw` @ref <label> = Heading \\ #{ } // comment /* c */',
    "jinja": "{{ 7*7 }} {% for x in y %}{{ x }}{% endfor %} {# c #}",
    "html": "<script>alert(1)</script><b>&amp;</b><img src=x onerror=y>",
    "bidi": "before \u202eafter\u202c \u2066isolate \u2067rtl \u202dover",
    "zero width": "ze\u200bro wi\u200ddth jo\ufeffin wo\u2060rd",
    "emoji": "rocket 🚀 family 👩‍👩‍👧 flag 🇸🇪 heart ❤️ done",
    "null": "nul\x00l by\x00te \ud800 half",
}
LONG = {
    "one word": "supercalifragilistic" * 15,
    "capitals": "W" * 300,
    "address": "https://example.org/" + "path/" * 40 + "?q=" + "a" * 120,
    "arabic": "مهندس" * 60,
    "greek": "Ελληνικά" * 30,
    "devanagari": "सॉफ़्टवेयर" * 30,
}
HUGE = "word number " * 5000
AROUND = [
    "Ada Stable", "Headline stays", "ada@stable.example", "Company stays", "First stays", "Last stays", "Work summary stays",
    "Keyone", "Keytwo", "School stays", "Area stays", "Swedish", "Native", "Referee stays", "Other stays",
]  # fmt: skip


def with_words(words: str) -> dict[str, Any]:
    """A resume that has these words in each of its corners."""
    title = words[:1200]
    return {
        "basics": {
            "name": "Ada Stable",
            "label": "Headline stays",
            "email": "ada@stable.example",
            "summary": f"Summary. {words}",
        },
        "work": [
            {
                "position": f"Position {title}",
                "name": "Company stays",
                "startDate": "2001-02",
                "summary": "Work summary stays",
                "highlights": ["First stays", words, "Last stays"],
            }
        ],
        "skills": [{"name": f"Skill {title}", "keywords": ["Keyone", title, "Keytwo"]}],
        "education": [{"institution": "School stays", "area": "Area stays"}],
        "languages": [{"language": "Swedish", "fluency": "Native"}],
        "references": [{"name": "Referee stays", "reference": f"Quote {title}"}],
        "extra": [{"name": "Other stays", "odd": title}],
    }


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200c\u200d\u2060\ufe0f]", "", text)


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as opened:
        return squeezed("".join(page.get_textpage().get_text_range() for page in opened))


def outside(pdf: bytes) -> list[tuple[float, ...]]:
    """Where letters stand that are not on their page with a little room around them."""
    found = []
    with pypdfium2.PdfDocument(pdf) as opened:
        for page in opened:
            text, width = page.get_textpage(), page.get_width()
            boxes = [text.get_rect(index) for index in range(text.count_rects())]
            found += [box for box in boxes if box[0] < 8 or box[2] > width - 8]
    return found


def id_of(template: Template) -> str:
    return f"{template.id}-{template.version}"


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("template", RESUMES, ids=id_of)
async def test_no_text_changes_anything_but_itself(engine: Engine, template: Template, language: str) -> None:
    options = {"links": "written"} if "links" in template.options else {}
    words = " | ".join([*SHORT.values(), *LONG.values()])
    pdf = await engine.pdf(template, with_words(words), options, language=language, title=words[:200])
    text = text_of(pdf)
    assert [around for around in AROUND if squeezed(around) not in text] == []
    assert outside(pdf) == []
    if language == "en":
        assert [part for part in words.split(" | ") if squeezed(clean(part)) not in text] == []


@pytest.mark.parametrize("template", [t for t in RESUMES if t.id in {"classic", "sidebar"}], ids=id_of)
async def test_a_text_of_ten_thousand_words_takes_its_pages_and_no_word_is_lost(
    engine: Engine, template: Template
) -> None:
    content = with_words("x")
    content["work"][0]["highlights"][1] = HUGE
    made = await engine.made(template, content, {}, title="CV")
    text = text_of(made.files[0])
    assert text.count("wordnumber") >= 5000 - made.page_count  # a page may end between the two
    assert [around for around in AROUND if squeezed(around) not in text] == []


@pytest.mark.parametrize("template", LETTERS, ids=id_of)
async def test_no_text_changes_anything_but_itself_in_a_letter(engine: Engine, template: Template) -> None:
    words = " | ".join([*SHORT.values(), *LONG.values()])
    content = {
        "basics": {"name": "Ada Stable", "email": "ada@stable.example"},
        "recipient": {"name": "Them stays", "organization": words[:300]},
        "subject": words,
        "salutation": "Dear stays,",
        "paragraphs": ["First stays", words, "Last stays"],
        "closing": "Yours stays,",
    }
    pdf = await engine.pdf(template, content, {}, kind=LETTER, title="Letter")
    text = text_of(pdf)
    around = [
        "Ada Stable",
        "ada@stable.example",
        "Them stays",
        "Dear stays,",
        "First stays",
        "Last stays",
        "Yours stays,",
    ]
    assert [words for words in around if squeezed(words) not in text] == []
    own = [
        part for part in words.split(" | ") if part != LONG["arabic"]
    ]  # beside Latin, its lines are told in another order
    assert [part for part in own if squeezed(clean(part)) not in text] == []
    assert outside(pdf) == []


async def test_signs_that_turn_lines_around_do_not_reach_the_page(
    engine: Engine, pages_of: Callable[[bytes], list[str]]
) -> None:
    content = {"basics": {"name": "Ada \u202eecalevoL", "summary": "one \u2067two\u202e three"}}
    [page] = pages_of(await engine.pdf(load_builtin()["classic", 2], content, {}))
    assert [line.strip() for line in page.splitlines()] == ["Ada ecalevoL", "one two three"]
