"""Whatever is edited part by part, the document is what the same edits make of a plain one."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sections.modelled import Run

from api.contents import matching
from common.db import Database

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
fields = st.dictionaries(st.sampled_from(["name", "position", "mine", ""]), values, max_size=3)
entries = fields | values
names = st.sampled_from(["work", "education", "skills", "custom"])
documents = st.dictionaries(
    names | st.sampled_from(["basics", "meta", "$schema", "a b"]),
    st.lists(entries, max_size=4) | values,
    max_size=6,
).map(lambda document: {n: v for n, v in document.items() if not (n in _ODD and isinstance(v, list))})
_ODD = {"basics", "meta", "$schema", "a b"}
number = st.integers(min_value=0, max_value=30)
where = st.none() | st.tuples(number, st.booleans())
looks = st.fixed_dictionaries(
    {},
    optional={
        "title": st.none() | st.sampled_from(["Jobs", "ü"]),
        "visible": st.booleans(),
        "columns": st.integers(1, 4),
        "keepTogether": st.booleans(),
    },
)
edits = st.one_of(
    st.tuples(st.just("add_item"), number, entries, where),
    st.tuples(st.just("move_item"), number, number, where),
    st.tuples(st.just("change"), number, entries),
    st.tuples(st.just("change_fields"), number, fields, st.lists(st.sampled_from(["name", "mine"]))),
    st.tuples(st.just("delete_item"), number),
    st.tuples(st.just("hide"), number, st.booleans()),
    st.tuples(st.just("add_section"), names, where),
    st.tuples(st.just("move_section"), number, where),
    st.tuples(st.just("delete_section"), number),
    st.tuples(st.just("look"), number, looks),
    st.tuples(st.just("put"), documents),
)
often = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@settings(often, max_examples=30)
@given(document=documents, steps=st.lists(edits, max_size=14), last=documents)
async def test_edits_of_parts_are_edits_of_the_document(
    edit: Any, database: Database, document: Any, steps: list[Any], last: Any
) -> None:
    run = Run(await edit({}), database)
    await run.put(document)
    for name, *arguments in steps:
        await getattr(run, name)(*arguments)
    await run.compare()
    await run.put(last)
    await run.compare()


moves = st.lists(st.tuples(number, number, where), max_size=20)


@settings(often, max_examples=15)
@given(moves=moves, length=st.integers(2, 6))
async def test_moves_keep_a_total_order_also_when_ranks_are_given_anew(
    edit: Any, database: Database, moves: Any, length: int
) -> None:
    run = Run(await edit({}), database)
    await run.put({"work": list(range(length)), "skills": ["a", "b"]})
    longest, matching.LONGEST_RANK = matching.LONGEST_RANK, 3
    try:
        for move in moves:
            await run.move_item(*move)
    finally:
        matching.LONGEST_RANK = longest
    await run.compare()
