"""JSON Pointers, as RFC 6901 has them."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from api.comments import pointers

RFC = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "m~n": 8, " ": 7}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/m~0n", 8),
        ("/ ", 7),
        ("/foo/2", UNSET),
        ("/foo/-", UNSET),
        ("/foo/00", UNSET),
        ("/foo/1e0", UNSET),
        ("/foo/\u0660", UNSET),
        ("/foo/0/x", UNSET),
        ("/nope", UNSET),
    ],
)
def test_a_pointer_names_a_value_or_none(pointer: str, value: Any) -> None:
    assert pointers.value_at(RFC, pointer) == value


@pytest.mark.parametrize("text", ["a", "/~", "/~2", "/a\n", "/a\x00", "x/"])
def test_what_is_no_pointer_is_told(text: str) -> None:
    assert re.search(pointers.PATTERN, text) is None


VALUES = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.lists(st.text(max_size=2) | st.sampled_from(["0", "1"]), max_size=4), st.integers())
def test_what_was_replaced_is_found_there_and_the_old_value_is_as_it_was(
    entry: Any, way: list[str], value: int
) -> None:
    before = repr(entry)
    pointer = "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in way)
    try:
        after = pointers.replaced(entry, pointer, value)
    except pointers.Unreachable:
        assert pointers.value_at(entry, pointer) is UNSET
    else:
        assert pointers.value_at(after, pointer) == value
    assert repr(entry) == before
