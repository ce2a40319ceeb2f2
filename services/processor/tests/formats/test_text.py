"""Plain text: lines that fit a terminal, whatever they are written in."""

import unicodedata
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from processor.formats.text import WIDTH, width
from processor.outlines.resume import read_resume

Write = Callable[..., bytes]


def columns(line: str) -> int:
    """The columns of a line, as terminals count them."""
    plain = (c for c in line if unicodedata.category(c) not in {"Mn", "Me", "Cf"})
    return sum(2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1 for c in plain)


def test_a_resume_reads_like_one(write: Write) -> None:
    content = {
        "basics": {"name": "Zoë Ångström", "label": "Engineer", "email": "zoe@example.org"},
        "work": [
            {
                "name": "Engines",
                "position": "Programmer",
                "startDate": "2019-04",
                "highlights": [
                    "One thing that is so long that it cannot stand on a single line of eighty columns"
                ],
            }
        ],
        "skills": [{"name": "Python", "level": "Expert", "keywords": ["asyncio", "typing"]}],
    }
    assert write("txt", content).decode() == (
        "Zoë Ångström\n"
        "============\n"
        "Engineer\n"
        "\n"
        "Email: zoe@example.org\n"
        "\n"
        "Experience\n"
        "----------\n"
        "\n"
        "Programmer\n"
        "Engines | Apr 2019 \u2013 Present\n"
        "\n"
        "- One thing that is so long that it cannot stand on a single line of eighty\n"
        "  columns\n"
        "\n"
        "Skills\n"
        "------\n"
        "\n"
        "- Python (Expert): asyncio, typing\n"
    )


def test_wide_characters_count_twice_and_lines_break_between_them(write: Write) -> None:
    content = {"basics": {"name": "山田太郎", "summary": "私は技術者です。" * 30}}
    lines = write("txt", content, language="ja").decode().splitlines()
    assert lines[:2] == ["山田太郎", "========"]
    assert max(map(columns, lines)) in {79, 80}
    assert not any(line.startswith("。") for line in lines)


def test_an_address_is_not_broken_though_it_is_long(write: Write) -> None:
    url = "https://example.org/" + "a" * 120
    assert url in write("txt", {"work": [{"name": "Inn", "url": url}]}).decode().splitlines()


@given(st.text(max_size=300))
def test_no_line_is_longer_than_its_longest_word_needs(write: Write, words: str) -> None:
    text = write("txt", {"basics": {"summary": words}}).decode()
    said = read_resume({"basics": {"summary": words}}, language="en", title="").summary
    longest = max((columns(word) for line in said for word in line.split(" ")), default=0)
    assert all(columns(line) <= max(WIDTH, longest) for line in text.split("\n"))
    assert all(width(line) == columns(line) for line in text.split("\n"))
