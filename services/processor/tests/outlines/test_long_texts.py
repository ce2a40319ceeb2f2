"""Whatever is written, to render it takes a time that grows with it and no faster."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.outlines import dates, text
from processor.outlines.labels import labels_in

SIZE = 200_000
BOUND = 0.5
"""Seconds of this thread."""
LABELS = labels_in("en")


def run(of: str) -> str:
    return of * (SIZE // len(of.encode()))


RUNS = {
    **{of: run(of) for of in (" ", "\u3000", "\n", "\t", "\r", "a", "A", "aB", "<", "<a", "&", "@", "a@", "(", '"')},
    **{of: run(of) for of in ("-", "1", ".", "*", "_", ", ", "a.", "a-", "<ul><li>", "\u0301", "\u0315\u0300", "\u6f22")},
    "spaces between": "x" + run(" \u3000") + "y",
    "a file": "data:" + run("a") + "/" + run("a"),
    "parameters of a file": "data:a/b" + run(";a"),
}  # fmt: skip
FUNCTIONS: dict[str, Callable[[str], Any]] = {
    "text.clean": text.clean,
    "text.one_text": lambda written: text.one_text({"x": [written]}, LABELS),
    "text.many_texts": lambda written: text.many_texts(written, LABELS),
    "text.paragraphs": lambda written: text.paragraphs([written], LABELS),
    "text.humanise": text.humanise,
    "text.link_target": text.link_target,
    "text.phone_target": text.phone_target,
    "dates.format_range": lambda written: dates.format_range(written, written, "long", "en", present="now"),
    "dates.format_day": lambda written: dates.format_day(written, "en"),
}


def seconds(work: Callable[[], Any]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_text_takes_long(name: str) -> None:
    took = {of: seconds(lambda written=written: FUNCTIONS[name](written)) for of, written in RUNS.items()}  # type: ignore[misc]
    assert {of: spent for of, spent in took.items() if spent > BOUND} == {}


@given(st.text(st.sampled_from("ab \t\n\r\x0b\x0c\x85\u2028\u3000\xa0.")))
def test_line_breaks_are_single_however_they_are_written(written: str) -> None:
    said = re.sub(r"[ \t]+", " ", written)
    assert text.clean(written) == re.sub(r"\s*[\n\x0b\x0c\r\x85\u2028\u2029]\s*", "\n", said).strip()


def test_long_texts_are_not_kept_among_the_dates() -> None:
    before = dates._format_date.cache_info().currsize
    assert dates.format_date("2" * 41, "long", "en") == "2" * 41
    assert dates._format_date.cache_info().currsize == before
