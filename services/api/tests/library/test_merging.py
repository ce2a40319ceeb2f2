"""The three-way merge, whatever the entries are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.library.merging import compare, differences, merge, overrides, same, take

VALUES = st.one_of(
    st.none(), st.integers(0, 2), st.sampled_from(["", "a"]), st.lists(st.integers(0, 1), max_size=2)
)
OBJECTS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)
ENTRIES = st.one_of(OBJECTS, OBJECTS, OBJECTS, VALUES).map(
    lambda value: json.dumps(value, separators=(",", ":"))
)


def field(text: str, name: str) -> Any:
    value = json.loads(text)
    return (name in value, value.get(name)) if isinstance(value, dict) else value


@given(ENTRIES, ENTRIES)
def test_what_only_one_side_changed_is_taken_from_it(base: str, changed: str) -> None:
    assert same(merge(base=base, theirs=base, ours=changed), changed)
    assert same(merge(base=base, theirs=changed, ours=base), changed)


@given(ENTRIES, ENTRIES)
def test_what_both_say_is_what_they_say(base: str, both: str) -> None:
    assert merge(base=base, theirs=both, ours=both) == both


@given(ENTRIES, ENTRIES, ENTRIES)
def test_a_merge_never_changes_a_field_with_wording_of_its_own(base: str, theirs: str, ours: str) -> None:
    merged = merge(base=base, theirs=theirs, ours=ours)
    if isinstance(json.loads(merged), dict) and isinstance(json.loads(ours), dict):
        sides = compare(base=base, theirs=theirs, ours=ours)
        for name in sides.ours + sides.both:
            assert field(merged, name) == field(ours, name)


@given(OBJECTS, OBJECTS, OBJECTS)
def test_every_field_is_one_sides_and_the_other_fields_are_the_librarys(
    base: Any, theirs: Any, ours: Any
) -> None:
    old, their, our = (json.dumps(entry) for entry in (base, theirs, ours))
    merged = merge(base=old, theirs=their, ours=our)
    for name in {*base, *theirs, *ours}:
        expected = our if name in overrides(old, our) else their
        assert field(merged, name) == field(expected, name)


@given(ENTRIES, ENTRIES, ENTRIES)
def test_a_merge_is_stable(base: str, theirs: str, ours: str) -> None:
    merged = merge(base=base, theirs=theirs, ours=ours)
    assert merge(base=theirs, theirs=theirs, ours=merged) == merged


@given(ENTRIES, ENTRIES, ENTRIES)
def test_taking_all_that_differs_makes_equal(base: str, theirs: str, ours: str) -> None:
    sides = compare(base=base, theirs=theirs, ours=ours)
    everything = sides.theirs + sides.ours + sides.both
    assert same(take(ours, theirs, everything, sides=sides), theirs)
    assert (not everything) == same(ours, theirs)


@given(ENTRIES, ENTRIES)
def test_differences_say_how_each_field_read(before: str, after: str) -> None:
    assert (not differences(before, after)) == same(before, after)
    assert [c.name for c in differences(after, after)] == []


@pytest.mark.parametrize(
    ("text", "unchanged"),
    [
        ('{"a":1e400,"b":0.1000000000000000000001,"c":12345678901234567890123}', ["a", "b", "c"]),
        ('{"b":"\\u0000","a":[{"z":1,"y":2}]}', ["a", "b"]),
    ],
)
def test_what_is_not_merged_stays_to_the_letter(text: str, unchanged: list[str]) -> None:
    theirs = text[:-1] + ',"new":1}'
    merged = merge(base=text, theirs=theirs, ours=text)
    assert differences(text, merged) == differences(text, theirs)
    assert not set(unchanged) & {change.name for change in differences(text, merged)}
