"""Whatever is written, to read it takes a time that grows with it and no faster.

Anybody may import a text or open a link, and while one text is looked at the interpreter serves nobody else.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest

from api.contents import codec, json_resume
from api.families import variants
from api.imports import dates as imported_dates
from api.imports import drafts, prose
from api.search import excerpts, folding, parsing
from api.shares.reading import contact, dates, entries, fields, texts
from api.versions.diffs import values, words

SIZE = 100_000
"""Bytes; what takes a time that grows with the square of it takes many seconds."""
BOUND = 0.5
"""Seconds of this thread."""


def english(text: str) -> str:
    return text


def run(of: str) -> str:
    return of * (SIZE // len(of.encode()))


WRITING = fields.Writing("en", english)
RUNS = {
    **{of: run(of) for of in (" ", "\u3000", "\n", "\t", "a", "A", "<", "<a", "<a ", "&", "&#1", "@", "a@", "(", '"')},
    **{of: run(of) for of in ("-", "1", ".", "*", "[", "/", ", ", "a.", "<ul><li>", "<ul><li>a", "<p>b", "</p>", "<!--")},
    **{of: run(of) for of in ("\u0301", "\u0315\u0300", "\uff9e\u0300", "\u0f73", "\u6f22", "\ufdfa", "c++")},
    "spaces between": "x" + run(" \u3000") + "y",
    "a number": "&#" + run("1"),
    "paragraphs of an item": "<ul><li>a" + run("<p>b"),
    "items of an item": "<ul><li>a<ul>" + run("<li>b"),
    "an address": run("a") + "@" + run("b"),
}  # fmt: skip


def reads_as_json_resume(text: str) -> Any:
    document = {"basics": {"name": text, "email": text, "url": text}, "work": [{"startDate": text}]}
    return json_resume.warnings(document)


def shows_as_an_entry(text: str) -> Any:
    return entries.entries_of([{"name": text, "summary": text}], entries.kind_of("work"), WRITING)


FUNCTIONS: dict[str, Callable[[str], Any]] = {
    "imports.dates.certain_date": imported_dates.certain_date,
    "imports.dates.certain_period": imported_dates.certain_period,
    "imports.dates.is_now": imported_dates.is_now,
    "imports.prose.read": prose.read,
    "imports.prose.text": prose.text,
    "imports.drafts.slug": drafts.slug,
    "contents.codec": lambda text: codec.canonical(codec.decode(codec.encode({text: text}))),
    "contents.json_resume.warnings": reads_as_json_resume,
    "search.folding.words": folding.words,
    "search.folding.placed": folding.placed,
    "search.folding.sort_key": folding.sort_key,
    "search.excerpts.excerpt": lambda text: excerpts.excerpt(text, parsing.parse("a b zz")),
    "versions.diffs.values.between": lambda text: list(values.between([text], [text + "b", "c"])),
    "versions.diffs.words.compare": lambda text: words.compare(
        text[: words.LONGEST], "b" + text[: words.LONGEST - 1 :][::-1], words.Budget()
    ),
    "families.variants.label": lambda text: variants.Part(
        id=None, key=None, data=codec.encode([text]).decode(), translated_from=None  # type: ignore[arg-type]
    ).label(),
    "shares.reading.texts.clean": texts.clean,
    "shares.reading.texts.line": texts.line,
    "shares.reading.texts.blocks": texts.blocks,
    "shares.reading.texts.inline": texts.inline,
    "shares.reading.texts.harmless": texts.harmless,
    "shares.reading.texts.one_line": lambda text: texts.one_line({text: [text]}, english),
    "shares.reading.texts.humanised": texts.humanised,
    "shares.reading.texts.target": texts.target,
    "shares.reading.texts.phone_target": texts.phone_target,
    "shares.reading.texts.as_read": texts.as_read,
    "shares.reading.dates.period": lambda text: dates.period(text, text, "en", present="Present"),
    "shares.reading.contact": contact._reaches,
    "shares.reading.fields.points": lambda text: fields.Fields({"x": text}, WRITING).points("x"),
    "shares.reading.entries": shows_as_an_entry,
}  # fmt: skip


def seconds(work: Callable[[], Any]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_text_takes_long(name: str) -> None:
    took = {of: seconds(lambda text=text: FUNCTIONS[name](text)) for of, text in RUNS.items()}  # type: ignore[misc]
    assert {of: spent for of, spent in took.items() if spent > BOUND} == {}
