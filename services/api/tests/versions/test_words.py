"""The words that a front end colours in a text that was changed."""

from time import thread_time

from hypothesis import given
from hypothesis import strategies as st

from api.versions.diffs.changes import Words
from api.versions.diffs.words import LONGEST, Budget
from api.versions.diffs.words import compare as compare_within


def compare(before: str, after: str) -> Words | None:
    return compare_within(before, after, Budget())


def cut(text: str, ranges: list[tuple[int, int]]) -> str:
    """`text` without the ranges, counted as JavaScript does."""
    units = text.encode("utf-16-le")
    for start, end in reversed(ranges):
        units = units[: 2 * start] + units[2 * end :]
    return units.decode("utf-16-le")


def test_only_the_words_that_differ_are_named() -> None:
    found = compare("Led a team of five people", "Led the team of seven people, twice")
    assert found is not None
    assert (found.before, found.after) == ([(4, 5), (14, 18)], [(4, 7), (16, 21), (28, 35)])


@given(
    *[
        st.lists(st.sampled_from(["a", "b", "cd", " ", ",", "\U0001f600", "é", "\n"]), max_size=40).map(
            "".join
        )
    ]
    * 2
)
def test_without_the_words_that_differ_both_texts_are_the_same(before: str, after: str) -> None:
    found = compare(before, after)
    assert found is not None
    assert cut(before, found.before) == cut(after, found.after)
    assert bool(found.before or found.after) == (before != after)


def test_texts_that_differ_in_very_many_words_differ_in_one_range() -> None:
    before, after = " ".join(["a"] * 1000) + " end", " ".join(["b"] * 1000) + " end"
    found = compare(before, after)
    assert found is not None
    assert (found.before, found.after) == ([(0, 1999)], [(0, 1999)])


def test_very_long_texts_are_not_coloured() -> None:
    assert compare("a" * (LONGEST + 1), "b") is None


def test_a_page_of_many_texts_that_changed_is_coloured_as_far_as_its_budget_goes() -> None:
    before, after = ("".join(f"{letter}{n} " for n in range(70)) for letter in "ab")
    budget, started = Budget(), thread_time()
    found = [compare_within(before, after, budget) for _ in range(3000)]
    assert thread_time() - started < 2
    assert found[0] == found[49] == compare(before, after)
    assert found[-1] is None


def test_long_texts_that_differ_little_cost_of_the_budget_too() -> None:
    budget = Budget()
    text = "word " * (LONGEST // 5)
    found = [compare_within(text, text[:-2], budget) for _ in range(1000)]
    assert found[0] is not None
    assert found[-1] is None
