"""Whatever it is written as, a document says all that it says, in the order that it says it in."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from processor_standins.readers import read, squeezed, strings_of

from common.testing import npm
from processor.outlines.letter import read_letter
from processor.outlines.outline import Detail, Entry, Outline, Profile
from processor.outlines.resume import read_resume
from processor.rendering.documents import LETTER

Write = Callable[..., bytes]
FORMATS = ["docx", "html", "md", "txt"]


def missing(content: dict[str, Any], format: str, data: bytes) -> list[str]:
    words = squeezed(read(format, data))
    return [text for text in map(squeezed, strings_of(content)) if text not in words]


def in_order(outline: Outline) -> Iterator[str]:
    """What a reader of a resume comes across, one after the other."""
    yield from (outline.name, outline.headline)
    yield from (contact.text for contact in outline.contacts)
    for profile in outline.profiles:
        yield from _profile(profile)
    yield from (fact.text for fact in outline.facts)
    yield from outline.summary
    for section in outline.sections:
        yield section.title
        for entry in section.entries:
            if section.layout == "terms" and entry.is_term:
                yield from (
                    entry.title,
                    entry.note,
                    *entry.tags,
                    *_texts(entry.details),
                    *_texts(entry.facts),
                )
            elif section.layout == "quotes" and entry.paragraphs:
                yield from (*entry.paragraphs, entry.title, *entry.subtitle)
            else:
                yield from _entry(entry)


def _profile(profile: Profile) -> Iterator[str]:
    yield from (profile.network, profile.username, profile.url.text if profile.url else "")
    yield from _texts(profile.facts)


def _entry(entry: Entry) -> Iterator[str]:
    yield from (entry.title, *entry.subtitle, entry.note, *_texts(entry.details), entry.dates)
    yield from (entry.tagline, *entry.paragraphs, *entry.bullets, *entry.tags)
    yield from (text for group in entry.groups for text in (group.label, *group.items))
    yield from _texts(entry.facts)


def _texts(details: Any) -> list[str]:
    return [detail.text for detail in details if isinstance(detail, Detail)]


def out_of_order(texts: Iterator[str], words: str) -> list[str]:
    """Those texts that do not come after the one before them."""
    place, lost = 0, []
    for text in filter(None, map(squeezed, texts)):
        found = words.find(text, place)
        if found < 0:
            lost.append(text)
        else:
            place = found + len(text)
    return lost


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", ["complete", "older", "wrong_types", "injection", "scripts", "arabic"])
def test_every_string_of_a_resume_is_found_in_order(
    write: Write, document: Callable[[str], dict[str, Any]], format: str, name: str
) -> None:
    content, language = document(name), "ar" if name == "arabic" else "en"
    data = write(format, content, language=language)
    assert missing(content, format, data) == []
    outline = read_resume(content, language=language, title="A resume", order=ORDER)
    # Sections stand as the template has them; each by itself is in order.
    assert out_of_order(in_order(outline), squeezed(read(format, data))) == []


ORDER = [
    "work",
    "education",
    "projects",
    "skills",
    "publications",
    "awards",
    "certificates",
    "volunteer",
    "*",
    "languages",
    "interests",
    "references",
]


@pytest.mark.parametrize("format", FORMATS)
def test_every_string_of_a_letter_is_found_in_order(
    write: Write, letter: dict[str, Any], format: str
) -> None:
    read_back = squeezed(read(format, write(format, letter, kind=LETTER, title="", language="en-GB")))
    outline = read_letter(letter, language="en-GB", title="")
    parts = [outline.name, outline.headline, *_texts(outline.contacts), *outline.recipient, outline.date]
    parts += [outline.subject, outline.salutation, *outline.paragraphs, outline.closing, outline.signature]
    assert out_of_order(iter(parts), read_back) == []
    assert "21November2025" in read_back


@pytest.mark.parametrize("package", npm.PACKAGES)
def test_resumes_that_others_published_are_whole_in_every_format(write: Write, package: str) -> None:
    for name, source in npm.resumes(package).items():
        content = json.loads(source)
        for format in FORMATS:
            assert missing(content, format, write(format, content)) == [], (name, format)
        assert json.loads(write("json", content)) == content
        assert yaml.safe_load(write("yaml", content)) == content


@pytest.mark.parametrize("format", FORMATS)
def test_sections_that_are_hidden_are_in_no_format(write: Write, format: str) -> None:
    content = {"work": [{"name": "Shown"}], "references": [{"name": "Unseen"}]}
    words = read(format, write(format, content, {"hidden": ["references"]}))
    assert "Shown" in words
    assert "Unseen" not in words


def test_the_order_and_the_dates_that_were_chosen_count_for_text(write: Write) -> None:
    content = {"work": [{"name": "Inn", "startDate": "2019-04", "endDate": "2020"}], "skills": ["Baking"]}
    text = write("txt", content, {"order": ["skills"], "dates": "long"}).decode()
    assert text.index("Baking") < text.index("Inn")
    assert "April 2019 – 2020" in text  # noqa: RUF001 (as it is written)


WORDS = st.text(max_size=30)
NAMES = st.sampled_from(
    [
        "name",
        "title",
        "position",
        "url",
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
        "network",
        "username",
        "email",
        "phone",
        "reference",
        "label",
        "other",
    ]
) | st.text(max_size=4)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=10,
)
SECTIONS = st.sampled_from(
    [
        "basics",
        "work",
        "skills",
        "references",
        "profiles",
        "projects",
        "hobbies",
        "paragraphs",
        "recipient",
        "other",
    ]
)
DOCUMENTS = st.dictionaries(
    SECTIONS, VALUES | st.lists(st.dictionaries(NAMES, VALUES, max_size=4), max_size=2)
)


@given(
    content=DOCUMENTS,
    kind=st.sampled_from(["resume", LETTER]),
    language=st.sampled_from(["en", "ar", "ja", "x"]),
)
@settings(max_examples=120, deadline=None)
def test_no_document_breaks_a_format(write: Write, content: dict[str, Any], kind: str, language: str) -> None:
    for format in FORMATS:
        read(format, write(format, content, kind=kind, language=language))
    assert json.loads(write("json", content)) == content
    assert yaml.safe_load(write("yaml", content)) == content


@given(words=st.text(min_size=1, max_size=60))
@settings(max_examples=200, deadline=None)
def test_every_text_says_itself_wherever_it_stands(write: Write, words: str) -> None:
    content = {
        "basics": {"name": words, "label": words, "summary": words, words: words},
        "work": [{"name": words, "position": words, "highlights": [words], "url": words}],
        "skills": [{"name": words, "level": words, "keywords": [words]}],
        "references": [{"name": words, "reference": words}],
    }
    outline = read_resume(content, language="en", title="A resume", order=ORDER)
    for format in FORMATS:
        data = write(format, content)
        assert out_of_order(in_order(outline), squeezed(read(format, data))) == [], format


def test_the_same_document_is_the_same_file(write: Write, document: Callable[[str], dict[str, Any]]) -> None:
    content = document("complete")
    for format in (*FORMATS, "json", "yaml"):
        again = msgspec.json.decode(msgspec.json.encode(content))
        assert write(format, content) == write(format, again), format
