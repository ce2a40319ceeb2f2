"""What a variant lacks, brought over from the primary."""

import asyncio
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from api.families.grafting import aligned

WORK = [{"name": "A"}, {"name": "B"}]


async def ids(families: Any, path: str) -> dict[str, str]:
    """The ids of the parts of the primary by their labels."""
    family = await families.family(path)
    rows = [*family["sections"], *(row for section in family["sections"] for row in section["items"])]
    return {row["cells"][0]["label"]: row["cells"][0]["id"] for row in rows}


async def test_all_that_is_missing_comes_where_it_stands_in_the_primary(families: Any) -> None:
    primary = await families.resume({"work": WORK, "skills": [{"name": "S"}]})
    german = await families.variant(primary, "de")
    await families.put(german, work=[{"name": "A (de)"}, {"name": "own"}, {"name": "B"}])
    await families.made(
        "PUT",
        f"{primary}/content",
        {
            "basics": {"name": "Ada"},
            "awards": [{"title": "M"}],
            "work": [{"name": "0"}, {"name": "A"}, {"name": "A2"}, {"name": "B"}, {"name": "C"}],
            "skills": [{"name": "S"}],
        },
    )
    answer = await families.call("POST", f"{german}/family/pull")
    assert answer.headers["etag"] == f'"v{answer.json()["version"]}"'
    content = await families.content(german)
    names = [entry["name"] for entry in content["work"]]
    assert [name for name in names if name != "own"] == ["0", "A (de)", "A2", "B", "C"]
    assert (content["awards"], content["basics"]) == ([{"title": "M"}], {"name": "Ada"})
    assert list(content).index("awards") < list(content).index("work")
    states = await families.states(german)
    assert states["work"] == [
        "untranslated",
        "present",
        "untranslated",
        "untranslated",
        "untranslated",
        "extra",
    ]
    assert (states["basics"], states["awards"]) == (["untranslated"], ["untranslated"])
    again = await families.call("POST", f"{german}/family/pull")
    assert again.json()["version"] == answer.json()["version"], "there was nothing more to bring"


async def test_what_is_there_is_not_reworded(families: Any) -> None:
    primary = await families.resume({"work": WORK})
    german = await families.variant(primary, "de")
    await families.put(german, work=[{"name": "A (de)"}, {"name": "B"}])
    await families.put(primary, work=[{"name": "A changed"}, {"name": "B changed"}, {"name": "C"}])
    await families.made("POST", f"{german}/family/pull", {"structure": True})
    assert (await families.content(german))["work"] == [{"name": "A (de)"}, {"name": "B"}, {"name": "C"}]
    assert (await families.states(german))["work"] == ["outdated", "untranslated", "untranslated"]


async def test_chosen_items_and_sections_alone_come(families: Any) -> None:
    primary = await families.resume({"work": WORK})
    german = await families.variant(primary, "de")
    await families.put(
        primary,
        work=[*WORK, {"name": "C"}, {"name": "D"}],
        awards=[{"title": "M"}, {"title": "N"}],
        skills=["s"],
    )
    known = await ids(families, primary)
    await families.made("POST", f"{german}/family/pull", {"items": [known["C"], known["N"]]})
    content = await families.content(german)
    assert (content["work"], content["awards"]) == ([*WORK, {"name": "C"}], [{"title": "N"}])
    assert "skills" not in content
    await families.made("POST", f"{german}/family/pull", {"sections": [known["awards"]]})
    assert (await families.content(german))["awards"] == [{"title": "M"}, {"title": "N"}]
    unknown = await families.call("POST", f"{german}/family/pull", {"items": [str(uuid4())]})
    assert unknown.status_code == 404


async def test_order_and_what_is_hidden_follow_on_request(families: Any) -> None:
    primary = await families.resume({"work": WORK, "skills": [{"name": "S"}]})
    german = await families.variant(primary, "de")
    await families.put(german, work=[{"name": "own"}, {"name": "B"}, {"name": "A"}])
    await families.made("PUT", f"{primary}/content", {"skills": [{"name": "S"}], "work": [WORK[1], WORK[0]]})
    await families.made("POST", f"{german}/family/pull", {"items": [], "structure": True})
    content = await families.content(german)
    assert [e["name"] for e in content["work"] if e["name"] != "own"] == ["B", "A"]
    assert [name for name in content if name in ("work", "skills")] == [
        name for name in await families.content(primary) if name in ("work", "skills")
    ]
    assert (await families.summary(german))["orderDiffers"] is False


async def test_a_name_that_is_taken_gets_a_number(families: Any) -> None:
    primary = await families.resume({"work": WORK})
    german = await families.variant(primary, "de")
    await families.put(german, awards="none")
    await families.put(primary, awards=[{"title": "M"}])
    await families.made("POST", f"{german}/family/pull")
    content = await families.content(german)
    assert (content["awards"], content["awards-2"]) == ("none", [{"title": "M"}])
    assert (await families.states(german))["awards"] == ["untranslated"]


async def test_the_primary_pulls_from_nobody(families: Any) -> None:
    primary = await families.resume({"work": WORK})
    german = await families.variant(primary, "de")
    refused = await families.call("POST", f"{primary}/family/pull")
    assert (refused.status_code, refused.json()["code"]) == (409, "IS_PRIMARY")
    stale = await families.call("POST", f"{german}/family/pull", None, if_match='"v99"')
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION_CONFLICT")


async def test_of_pulls_at_once_one_brings_the_parts(families: Any) -> None:
    primary = await families.resume({"work": WORK})
    german = await families.variant(primary, "de")
    await families.put(primary, work=[*WORK, {"name": "C"}])
    answers = await asyncio.gather(*(families.call("POST", f"{german}/family/pull") for _ in range(4)))
    assert {a.status_code for a in answers} == {200}
    assert (await families.content(german))["work"] == [*WORK, {"name": "C"}]


@given(st.lists(st.uuids(), unique=True, max_size=8), st.data())
def test_aligning_loses_nothing_and_leaves_others_behind_their_neighbours(
    order: list[UUID], data: st.DataObject
) -> None:
    wanted = data.draw(st.permutations(order).map(lambda parts: parts[: len(parts) // 2]))
    result = aligned(order, wanted)
    assert sorted(result) == sorted(order)
    assert [part for part in result if part in wanted] == wanted
    for before, after in pairwise(order):
        if after not in wanted:
            assert result[result.index(after) - 1] == before
