"""A diff is complete: whoever carries out its changes has the other state, whatever the two are."""

import time
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.contents.snapshots import ItemState, SectionState, Snapshot
from api.versions.diffs.changes import Change, summary
from api.versions.diffs.differences import between
from api.versions.diffs.patches import apply
from api.versions.diffs.states import NOTHING, State, normal, text
from common.ids import new_id

IDS = [new_id() for _ in range(12)]
SECTION_IDS = [new_id() for _ in range(5)]
NAMES = ["work", "education", "skills", "Own", "x-1"]

words = st.sampled_from(
    ["", "a", "b", "a b", "Led a team of 5", "Led the team of 7", "~", "/", "~1/", "0", "\x00", "ü"]
)
numbers = st.sampled_from(
    [0, 1, 1.0, -0.0, 1.5, 10**30, Decimal("1E+400"), Decimal("0.10000000000000000000001")]
)
scalars = st.none() | st.booleans() | numbers | words
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
members = st.dictionaries(st.sampled_from(["meta", "$schema", "", "a/b", "~"]), values, max_size=3)


@st.composite
def states(draw: st.DrawFn) -> State:
    """Out of few ids and values, so that two of them have much in common."""
    ids = draw(st.permutations(IDS))
    names = draw(st.permutations(NAMES))
    sections = []
    for section_id in draw(st.lists(st.sampled_from(SECTION_IDS), unique=True)):
        count = draw(st.integers(0, min(4, len(ids))))
        items, ids = ids[:count], ids[count:]
        sections.append(
            SectionState(
                id=section_id,
                name=names.pop(),
                kind=draw(st.sampled_from(["work", "skills"])),
                title=draw(st.none() | words),
                visible=draw(st.booleans()),
                columns=draw(st.integers(1, 4)),
                page_break_before=draw(st.booleans()),
                keep_together=draw(st.booleans()),
                items=[
                    ItemState(id=item_id, data=text(draw(values)), visible=draw(st.booleans()))
                    for item_id in items
                ],
            )
        )
    extra = draw(members)
    basics = draw(st.none() | values)
    snapshot = Snapshot(
        members=draw(
            st.permutations([*extra, *([] if basics is None else ["basics"]), *(s.name for s in sections)])
        ),
        basics=None if basics is None else text(basics),
        extra=text(extra),
        sections=sections,
    )
    return State(title=draw(words), language=draw(st.sampled_from(["en", "de"])), snapshot=normal(snapshot))


@given(states(), states())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whoever_carries_out_all_changes_has_the_other_state(before: State, after: State) -> None:
    assert apply(before, between(before, after)) == after


@given(states())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_state_does_not_differ_from_itself(state: State) -> None:
    assert between(state, state) == []


@given(values, values)
@settings(max_examples=200, deadline=None)
def test_whatever_an_entry_says_its_change_is_complete(before: Any, after: Any) -> None:
    one, other = holding(before), holding(after)
    changes = between(one, other)
    assert apply(one, changes) == other
    assert bool(changes) == (text(before) != text(after))


@given(st.lists(words, max_size=30), st.lists(words, max_size=30))
@settings(deadline=None)
def test_a_list_of_texts_is_replayed_whatever_repeats_in_it(before: list[str], after: list[str]) -> None:
    assert apply(holding(before), between(holding(before), holding(after))) == holding(after)


def test_a_bullet_is_added_removed_changed_and_moved_by_itself() -> None:
    before = {"highlights": ["first", "Led a team of five", "third", "gone", "last"]}
    after = {"highlights": ["third", "first", "Led a team of seven", "last", "new"]}
    found = [
        (c.op, c.path, c.from_path, *(v for v in (c.before, c.after) if v is not msgspec.UNSET))
        for c in between(holding(before), holding(after))
    ]
    assert found == [
        ("remove", "/highlights/3", None, "gone"),
        ("move", "/highlights/0", "/highlights/2"),
        ("change", "/highlights/2", None, "Led a team of five", "Led a team of seven"),
        ("add", "/highlights/4", None, "new"),
    ]


def test_of_many_bullets_the_one_that_is_alike_is_the_one_that_was_changed() -> None:
    before = {"highlights": ["Led a team of five people", "Wrote the manual"]}
    after = {"highlights": ["Sold the company", "Led a team of seven people", "Wrote the manual"]}
    found = [(c.op, c.path) for c in between(holding(before), holding(after))]
    assert found == [("add", "/highlights/0"), ("change", "/highlights/1")]


def test_names_of_members_are_escaped_in_paths() -> None:
    """RFC 6901."""
    changes = between(holding({"a/b": 1, "m~n": {"": 1}}), holding({"a/b": 2, "m~n": {"": 2}}))
    assert [c.path for c in changes] == ["/a~1b", "/m~0n/"]


def test_a_number_is_not_the_same_as_another_kind_of_value() -> None:
    for before, after in ((1, True), (1, 1.0), (0.0, -0.0), (0, False), (Decimal("1E+400"), "1E+400")):
        changes = between(holding({"n": before}), holding({"n": after}))
        assert [(c.op, c.path) for c in changes] == [("change", "/n")], (before, after)


def test_the_largest_documents_are_compared_within_a_second() -> None:
    before = large(5000)
    shuffled = before.snapshot.sections[0].items[::-1]
    items = [
        msgspec.structs.replace(item, data=item.data.replace("Analyst", f"Analyst {number}"))
        for number, item in enumerate(shuffled)
    ]
    section = msgspec.structs.replace(before.snapshot.sections[0], items=items)
    after = msgspec.structs.replace(
        before, snapshot=msgspec.structs.replace(before.snapshot, sections=[section])
    )
    begun = time.perf_counter()
    changes = between(before, after)
    assert time.perf_counter() - begun < 1
    assert (summary(changes).moved, summary(changes).changed) == (4999, 5000)
    assert apply(before, changes) == after


def test_a_list_as_long_as_a_body_may_hold_is_compared_within_seconds() -> None:
    before, after = [0, 1] * 50_000, [1, 0, 0] * 33_000
    begun = time.perf_counter()
    between(holding(before), holding(after))
    assert time.perf_counter() - begun < 3


def large(count: int) -> State:
    items = [
        ItemState(
            id=new_id(), data=text({"name": f"Company {n}", "position": "Analyst", "highlights": ["a", "b"]})
        )
        for n in range(count)
    ]
    section = SectionState(id=new_id(), name="work", kind="work", items=items)
    return state_of(Snapshot(members=["work"], basics=None, extra="{}", sections=[section]))


def holding(value: Any) -> State:
    """A resume whose one entry says `value`."""
    item = ItemState(id=IDS[0], data=text(value))
    section = SectionState(id=SECTION_IDS[0], name="work", kind="work", items=[item])
    return state_of(Snapshot(members=["work"], basics=None, extra="{}", sections=[section]))


def state_of(snapshot: Snapshot) -> State:
    return msgspec.structs.replace(NOTHING, snapshot=normal(snapshot))


def test_a_change_says_nothing_that_it_does_not_mean() -> None:
    change = Change(op="change", where="resume", attribute="title", before=None, after="x")
    encoded = msgspec.json.decode(msgspec.json.encode(change))
    assert encoded == {"op": "change", "where": "resume", "attribute": "title", "before": None, "after": "x"}
