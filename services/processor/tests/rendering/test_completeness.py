"""Every word of a resume is in its PDF, whatever shape the resume has."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from processor_standins.engine import Engine
from processor_standins.readers import strings_of

from processor.outlines.resume import read_resume
from processor.rendering import RenderFailed, Template


def spaced_strings(content: object) -> list[str]:
    """With their white space made single spaces, as the words of a PDF are read."""
    return [" ".join(text.split()) for text in strings_of(content)]


@pytest.mark.parametrize("name", ["complete", "older", "wrong_types", "injection", "scripts"])
@pytest.mark.parametrize(
    "options", [{}, {"page": "us-letter", "size": 12, "density": "airy"}], ids=["a4", "letter"]
)
async def test_every_string_is_in_the_text(
    engine: Engine,
    template: Template,
    document: Callable[[str], dict[str, Any]],
    words_of: Callable[[bytes], str],
    name: str,
    options: dict[str, Any],
) -> None:
    content = document(name)
    words = words_of(await engine.pdf(template, content, options, language="en", title="A resume"))
    assert [text for text in spaced_strings(content) if text not in words] == []


async def test_an_arabic_resume_reads_from_right_to_left_and_keeps_addresses_whole(
    engine: Engine,
    template: Template,
    document: Callable[[str], dict[str, Any]],
    words_of: Callable[[bytes], str],
) -> None:
    content = document("arabic")
    pdf = await engine.pdf(template, content, {}, language="ar", title="")
    words = words_of(pdf)
    assert [text for text in spaced_strings(content) if text not in words] == []
    assert "الخبرة المهنية" in words
    assert b"/Lang(ar)" in pdf


async def test_pictures_and_bookkeeping_are_not_shown(
    engine: Engine,
    template: Template,
    document: Callable[[str], dict[str, Any]],
    words_of: Callable[[bytes], str],
) -> None:
    for name in ("complete", "older"):
        assert "never-shown" not in words_of(
            await engine.pdf(template, document(name), {}, language="en", title="")
        )


async def test_characters_that_cannot_be_shown_are_left_out(
    engine: Engine, template: Template, words_of: Callable[[bytes], str]
) -> None:
    content = {
        "basics": {"name": "Nu\x00ll\x07 By\u00adte\ud800", "summary": "first\u2028second\x0bthird\r\nfourth"}
    }
    words = words_of(await engine.pdf(template, content, {}, language="en", title="\x00"))
    assert "Null Byte" in words
    assert "first second third fourth" in words


@pytest.mark.parametrize(
    "content", [{}, {"basics": None, "work": []}, {"basics": {"name": " "}, "work": [{}]}]
)
async def test_an_empty_resume_is_an_empty_page(
    engine: Engine, template: Template, pages_of: Callable[[bytes], list[str]], content: dict[str, Any]
) -> None:
    assert pages_of(await engine.pdf(template, content, {}, language="en", title="")) == [""]


async def test_missing_fields_leave_no_separators_behind(
    engine: Engine, template: Template, pages_of: Callable[[bytes], list[str]]
) -> None:
    content = {
        "basics": {"name": "Ann", "location": {"countryCode": "SE"}},
        "work": [{"position": "Cook"}, {"name": "Inn", "endDate": "2020"}],
        "skills": [{"keywords": ["Baking"]}, {"level": "Good"}],
        "languages": [{"fluency": "Fluent"}],
    }
    (page,) = pages_of(await engine.pdf(template, content, {"order": ["*"]}, language="en", title=""))
    lines = {line.strip() for line in page.splitlines()}
    expected = {"Ann", "Experience", "Cook", "Skills", "Baking", "Good", "Languages", "Fluent"}
    assert expected <= lines
    assert lines - expected <= {"SE", "Address SE", "Inn", "2020", "Inn 2020", "2020 Inn"}


async def test_a_resume_of_500_jobs_is_whole(
    engine: Engine, template: Template, words_of: Callable[[bytes], str]
) -> None:
    jobs = [
        {
            "name": f"Company {n}",
            "position": f"Role {n}",
            "startDate": "2001-02",
            "highlights": [f"Did thing {n}."],
        }
        for n in range(500)
    ]
    words = words_of(await engine.pdf(template, {"work": jobs}, {}, language="en", title=""))
    missing = [n for n in range(500) if f"Company {n}" not in words or f"Did thing {n}." not in words]
    assert missing == []


def test_a_very_deep_document_is_flattened() -> None:
    deep: Any = "at the bottom"
    for _ in range(5000):
        deep = [deep]
    content = {
        "basics": {"name": deep, "summary": deep},
        "work": [{"highlights": deep, "extra": deep}],
        "more": deep,
    }
    outline = msgspec.json.encode(read_resume(content, language="en", title=""))
    assert outline.count(b"at the bottom") >= 5


async def test_a_document_too_deep_to_be_sent_is_refused(engine: Engine, template: Template) -> None:
    deep: Any = "at the bottom"
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(RenderFailed, match="cannot be read"):
        await engine.pdf(template, {"more": deep}, {})


NAMES = st.sampled_from(
    [
        "name",
        "title",
        "position",
        "company",
        "url",
        "website",
        "startDate",
        "endDate",
        "date",
        "summary",
        "location",
        "highlights",
        "keywords",
        "roles",
        "courses",
        "score",
        "level",
        "profiles",
        "network",
        "username",
        "email",
        "phone",
        "region",
        "countryCode",
        "reference",
        "somethingElse",
        "",
    ]
)
WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
SECTIONS = st.sampled_from(
    [
        "basics",
        "work",
        "education",
        "skills",
        "languages",
        "references",
        "projects",
        "awards",
        "profiles",
        "experience",
        "hobbies",
        "anything",
        "present",
    ]
)
DOCUMENTS = st.dictionaries(
    SECTIONS, VALUES | st.lists(st.dictionaries(NAMES, VALUES, max_size=5), max_size=3)
)


@given(content=DOCUMENTS)
@settings(max_examples=100, deadline=None)
def test_no_string_is_lost_on_the_way_into_an_outline(content: dict[str, Any]) -> None:
    outline = msgspec.json.encode(read_resume(content, language="en", title="")).decode()
    assert [text for text in spaced_strings(content) if text not in outline] == []


@given(content=DOCUMENTS)
@settings(max_examples=25, deadline=None)
async def test_no_document_breaks_a_template(
    engine: Engine, template: Template, content: dict[str, Any]
) -> None:
    assert (await engine.pdf(template, content, {}, language="en", title="")).startswith(b"%PDF-")
