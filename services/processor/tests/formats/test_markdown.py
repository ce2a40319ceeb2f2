"""Markdown: its structure, and that no word of the content has any part in it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from processor_standins.readers import blocks, links

from processor.formats.markdown import escaped
from processor.outlines.text import clean

Write = Callable[..., bytes]


def test_headings_lists_quotes_and_links_are_markdown(write: Write) -> None:
    content = {
        "basics": {"name": "Zoë", "email": "zoe@example.org"},
        "work": [
            {
                "name": "Engines",
                "position": "Programmer",
                "url": "https://e.example/a_b*(c)",
                "highlights": ["One"],
            }
        ],
        "references": [{"name": "Ann", "reference": "Good."}],
    }
    text = write("md", content).decode()
    assert blocks(text) == [
        ("h1", "Zoë"),
        ("p", "Email: zoe@example.org"),
        ("h2", "Experience"),
        ("h3", "Programmer"),
        ("p", "Engines · https://e.example/a_b*(c)"),
        ("p", "One"),
        ("h2", "References"),
        ("p", "Good."),
        ("p", "Ann"),
    ]
    assert links(text) == ["mailto:zoe@example.org", "https://e.example/a_b*(c)"]
    assert "\n- One\n" in text
    assert "\n> Good.\n" in text


@pytest.mark.parametrize(
    "words",
    [
        "# no heading", "#", "C#", "C # #", "- no item", "+ plus", "1. first", "12) twelfth", "1986. A year", "---", "***",
        "===", "> no quote", "*not* _at_ **all**", "`code`", "[no](link)", "![no](image)", "<b>no tag</b>", "&copy; &#35;",
        "a\\*b\\", "~~~", "```", "| a | b |", "<https://example.org>", "    no code", "[x]: https://example.org", "$a$",
        "_a_", "a *b", "* b", "[ ] todo", ":--", "<!-- no comment -->", "\\", "a\\",
    ],
)  # fmt: skip
def test_signs_say_themselves(write: Write, words: str) -> None:
    content = {
        "basics": {"name": words, "summary": words},
        "work": [{"position": words, "highlights": [words]}],
    }
    text = write("md", content).decode()
    plain = clean(words)
    assert blocks(text) == [
        ("h1", plain), ("h2", "Profile"), ("p", plain), ("h2", "Experience"), ("h3", plain), ("p", plain),
    ]  # fmt: skip


@given(st.text(st.sampled_from("#-+*_`[]()<>&;~|!\\.1 ab:=\"'$") | st.characters(), min_size=1, max_size=12))
def test_any_text_comes_back_from_any_place(words: str) -> None:
    plain = " ".join(clean(words).split())
    if plain:
        for before, tag in (("", "p"), ("# ", "h1"), ("- ", "p"), ("> ", "p")):
            assert blocks(f"{before}{escaped(plain)}\n") == [(tag, plain)]
        html = MarkdownIt("commonmark").render(escaped(plain))
        assert html.count("<") == 2
