"""The page of a cover letter: a letter, and no list of its fields."""

import json
import re
from typing import Any

import httpx
import pytest

from api.shares.showing import STYLE

Owner = dict[str, str]
LETTER: dict[str, Any] = {
    "basics": {"name": "Ada Lovelace", "label": "Analyst", "email": "ada@example.org", "phone": "+44 20 7946 0000"},
    "recipient": {
        "name": "Charles Babbage",
        "title": "Professor",
        "organization": "Royal Society",
        "address": "6 Carlton House\nLondon",
    },
    "date": "1842-10-01",
    "subject": "Notes on the Engine",
    "salutation": "Dear Mr Babbage,",
    "paragraphs": ["I have translated <b>the memoir</b>.", "My notes are longer."],
    "closing": "Yours sincerely,",
}  # fmt: skip
ODD = [
    None,
    7,
    True,
    "text",
    [],
    ["a", 1, None, {"b": ["c"]}],
    {},
    {"d": {"e": "f"}},
    "2026-02-30",
    "0000-00-00",
]


@pytest.fixture
def letter_page(make_resume: Any, make_share: Any, opened: Any) -> Any:
    async def page(content: Any = LETTER, language: str = "en", **fields: Any) -> httpx.Response:
        path = await make_resume(title="Mine", kind="cover-letter", content=content, language=language)
        answer: httpx.Response = await opened(await make_share(path, **fields))
        assert answer.status_code == 200, answer.text
        return answer

    return page


async def test_a_letter_reads_as_one(letter_page: Any, read_page: Any) -> None:
    answer = await letter_page()
    page = read_page(answer.text)
    assert page.headings == [("h1", "Ada Lovelace"), ("h2", "Notes on the Engine")]
    in_order = ["Analyst", "ada@example.org", "Charles Babbage", "Professor", "Royal Society", "6 Carlton House", "London",
                "October 1, 1842", "Notes on the Engine", "Dear Mr Babbage,", "I have translated", "My notes",
                "Yours sincerely,", "Ada Lovelace"]  # fmt: skip
    places, at = [], 0
    for text in in_order:
        at = page.text.find(text, at)
        places.append((text, at))
        at += len(text)
    assert all(place >= 0 for _, place in places), places
    assert "<p>My notes are longer.</p>" in answer.text
    assert "I have translated <b>the memoir</b>." in answer.text
    assert "Paragraphs" not in page.text
    assert "<section" not in answer.text
    assert "<title>Ada Lovelace \N{EN DASH} Notes on the Engine</title>" in answer.text
    assert len(answer.content) + len(STYLE.content) < 50_000


@pytest.mark.parametrize(
    ("language", "day"),
    [("de", "1. Oktober 1842"), ("es-MX", "1 de octubre de 1842"), ("ar", "1 أكتوبر 1842"), ("fr", "1 octobre 1842")],
)  # fmt: skip
async def test_its_date_is_in_the_language_of_the_letter(letter_page: Any, language: str, day: str) -> None:
    page = (await letter_page(language=language)).text
    assert f'<p class="date"><bdi>{day}</bdi></p>' in page
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page


async def test_a_link_without_contact_details_hides_those_of_the_sender(letter_page: Any) -> None:
    page = (await letter_page(showContact=False)).text
    assert "ada@example.org" not in page
    assert "7946" not in page
    assert "Charles Babbage" in page
    assert "Ada Lovelace" in page


async def test_what_is_no_part_of_a_letter_follows_it_in_sections(letter_page: Any, read_page: Any) -> None:
    content = LETTER | {"enclosures": ["Diagram"], "work": [{"position": "Programmer", "name": "Engine"}]}
    answer = await letter_page(content | {"signature": "Countess of Lovelace"})
    page = read_page(answer.text)
    assert {text for tag, text in page.headings if tag == "h2"} == {
        "Notes on the Engine",
        "Enclosures",
        "Experience",
    }
    assert page.text.index("Yours sincerely,") < page.text.index("Countess of Lovelace")
    assert page.text.index("Countess of Lovelace") < page.text.index("Diagram")


async def test_odd_and_missing_parts_never_fail(letter_page: Any, read_page: Any) -> None:
    for odd in ODD:
        answer = await letter_page(dict.fromkeys(LETTER, odd))
        assert [tag for tag, _ in read_page(answer.text).headings].count("h1") == 1
        words = re.findall("[a-z]+", json.dumps(odd)) if isinstance(odd, str) else []
        assert all(word in answer.text for word in words)
    for name in LETTER:
        left = {member: value for member, value in LETTER.items() if member != name}
        await letter_page(left)
    page = read_page((await letter_page({})).text)
    assert page.headings == [("h1", "Cover letter")]


async def test_nothing_in_a_letter_runs(letter_page: Any, read_page: Any) -> None:
    # SECURITY 25
    evil = '<script>alert(1)</script><img src=x onerror=alert(1)>"><b onclick=x>evil</b>'
    fields = {name: [evil] if name == "paragraphs" else evil for name in LETTER}
    page = read_page((await letter_page(fields | {"recipient": {"name": evil, evil: evil}})).text)
    assert not {tag for tag, _ in page.tags} & {"script", "img"}
    assert not any(name.startswith("on") for _, given in page.tags for name in given)
