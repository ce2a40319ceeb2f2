"""A cover letter holds every word it was given, whatever parts it has."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from processor_standins.engine import Engine

from processor.outlines.letter import read_letter
from processor.rendering import Template, load_builtin

Words = Callable[[bytes], str]
SAMPLE = load_builtin()["letter", 1].sample


@pytest.fixture(scope="module")
def letter() -> Template:
    return load_builtin()["letter", 1]


def strings_of(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for name, child in value.items() if name != "date" for text in strings_of(child)]
    if isinstance(value, list):
        return [text for child in value for text in strings_of(child)]
    return [" ".join(value.split())] if isinstance(value, str) and value.strip() else []


@pytest.mark.parametrize("options", [{}, {"font": "Source Sans 3", "page": "us-letter", "density": "airy"}])
async def test_every_word_of_a_letter_is_in_its_pdf(
    engine: Engine, letter: Template, words_of: Words, options: dict[str, Any]
) -> None:
    words = words_of(await engine.pdf(letter, SAMPLE, options, language="en-GB", title=""))
    assert [text for text in strings_of(SAMPLE) if text not in words] == []
    assert "21 November 2025" in words


async def test_a_letter_reads_from_its_address_to_its_signature(
    engine: Engine, letter: Template, words_of: Words
) -> None:
    parts = [
        "Dr Ingrid Solberg",
        "0159 Oslo",
        "Lead engineer",
        "Dear Dr",
        "Your talk",
        "With kind",
        "Lindqvist",
    ]
    words = words_of(await engine.pdf(letter, SAMPLE, {}, language="en", title=""))
    tail = words[words.index("Dr Ingrid") :]
    places = [tail.index(part) for part in parts]
    assert places == sorted(places)


async def test_an_unsigned_letter_is_signed_with_the_name_of_its_writer(
    engine: Engine, letter: Template, words_of: Words
) -> None:
    content = {"basics": {"name": "Ann Writer"}, "paragraphs": ["Hello."], "closing": "Yours,"}
    assert words_of(await engine.pdf(letter, content, {}, language="en", title="")) == (
        "Ann Writer Hello. Yours, Ann Writer"
    )


async def test_a_letter_leaves_the_summary_of_its_sender_to_the_resume(
    engine: Engine, letter: Template, words_of: Words
) -> None:
    sender = {"name": "Ann Writer", "label": "Author", "summary": "I write.", "pronouns": "she/her"}
    content = {"basics": sender, "paragraphs": ["Hello."], "closing": "Yours,", "enclosures": ["Resume"]}
    words = words_of(await engine.pdf(letter, content, {}, language="en", title=""))
    assert "I write." not in words
    assert "Profile" not in words
    assert [text for text in ("Author", "Pronouns: she/her", "Enclosures: Resume") if text not in words] == []


async def test_a_letter_from_right_to_left_keeps_its_words(
    engine: Engine, letter: Template, words_of: Words
) -> None:
    content = {
        "basics": {"name": "ليلى حداد"},
        "recipient": {"name": "أحمد", "address": ["القاهرة"]},
        "paragraphs": ["أكتب إليكم للتعبير عن اهتمامي."],
        "closing": "مع التحية،",
    }
    words = words_of(await engine.pdf(letter, content, {}, language="ar", title=""))
    assert [text for text in strings_of(content) if text not in words] == []


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"basics": None, "recipient": None, "paragraphs": None},
        {"basics": "me", "recipient": "The house", "date": 7, "subject": ["a"], "paragraphs": "one\n\ntwo"},
        {"recipient": {"address": {"city": "Oslo"}}, "paragraphs": {"x": {"y": [1, None]}}, "closing": False},
        {"date": "2025-02-31", "salutation": {"a": []}, "enclosures": ["Resume", {"kind": "List"}]},
        {"date": "soon, which is a long way of saying that nobody knows when it will be"},
        {"work": [{"name": "A resume, not a letter"}]},
    ],
)
async def test_odd_and_missing_parts_never_fail(
    engine: Engine, letter: Template, words_of: Words, content: dict[str, Any]
) -> None:
    words = words_of(await engine.pdf(letter, content, {}, language="en", title=""))
    assert [text for text in strings_of(content) if text not in words] == []


NAMES = st.sampled_from(
    [
        "basics",
        "recipient",
        "date",
        "subject",
        "salutation",
        "paragraphs",
        "closing",
        "signature",
        "to",
        "address",
        "name",
        "title",
        "organization",
        "location",
        "city",
        "enclosures",
        "work",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("abcdefghij", min_size=1, max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=10,
)


@given(content=st.dictionaries(NAMES, VALUES, max_size=8))
@settings(max_examples=200, deadline=None)
def test_no_string_is_lost_on_the_way_into_a_letter(content: dict[str, Any]) -> None:
    outline = msgspec.json.encode(read_letter(content, language="en", title="")).decode()
    assert [text for text in strings_of(content) if text not in outline] == []


@given(content=st.dictionaries(NAMES, VALUES, max_size=8))
@settings(max_examples=25, deadline=None)
async def test_no_content_breaks_the_letter(
    engine: Engine, letter: Template, content: dict[str, Any]
) -> None:
    assert (await engine.pdf(letter, content, {}, language="en", title="")).startswith(b"%PDF-")
