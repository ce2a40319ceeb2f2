"""Items in the order that their writer gives them, whoever else moves some at the same time."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from api.contents.models import Item, Section
from common.db import Database


@pytest.fixture
async def editor(edit: Any) -> Any:
    return await edit({"work": ["a", "b", "c", "d"], "skills": ["x", "y"]})


async def ids(editor: Any) -> dict[str, str]:
    """The ids of all items and sections, by what they say."""
    found = {name: section["id"] for name, section in (await editor.sections()).items()}
    for name in list(found):
        found |= {str(item["data"]): item["id"] for item in await editor.items(name)}
    return found


@pytest.mark.parametrize(
    ("moved", "place", "work", "skills"),
    [
        ("a", {"afterId": "b"}, "bacd", "xy"),
        ("a", {"beforeId": "d"}, "bcad", "xy"),
        ("d", {"beforeId": "a"}, "dabc", "xy"),
        ("d", {"afterId": "a"}, "adbc", "xy"),
        ("a", {}, "bcda", "xy"),
        ("a", {"sectionId": "work"}, "bcda", "xy"),
        ("b", {"sectionId": "skills"}, "acd", "xyb"),
        ("b", {"sectionId": "skills", "beforeId": "x"}, "acd", "bxy"),
        ("b", {"sectionId": "skills", "beforeId": "y"}, "acd", "xby"),
        ("b", {"sectionId": "skills", "afterId": "y"}, "acd", "xyb"),
        ("x", {"sectionId": "work", "afterId": "d"}, "abcdx", "y"),
    ],
)
async def test_an_item_goes_where_it_is_moved(
    editor: Any, moved: str, place: Any, work: str, skills: str
) -> None:
    known = await ids(editor)
    answer = await editor.call(
        "POST", f"items/{known[moved]}/move", {name: known[what] for name, what in place.items()}
    )
    assert await editor.content() == {"work": list(work), "skills": list(skills)}
    section = "work" if moved in work else "skills"
    item = answer.json()
    assert (item["data"], item["sectionId"], item["kind"]) == (moved, known[section], section)
    assert (answer.headers["etag"], answer.headers["x-resume-version"]) == ('"v2"', "2")
    assert await editor.get(f"items/{item['id']}") == item
    assert await ids(editor) == known


@pytest.mark.parametrize(
    ("moved", "place"),
    [
        ("b", {"afterId": "a"}),
        ("b", {"beforeId": "c"}),
        ("d", {}),
        ("d", {"sectionId": "work"}),
        ("a", {"beforeId": "b", "sectionId": "work"}),
    ],
)
async def test_an_item_that_stands_there_stays(editor: Any, moved: str, place: Any) -> None:
    known = await ids(editor)
    answer = await editor.call(
        "POST", f"items/{known[moved]}/move", {name: known[what] for name, what in place.items()}
    )
    assert (answer.headers["etag"], answer.headers["x-resume-version"]) == ('"v1"', "1")


@pytest.mark.parametrize(
    ("what", "place", "status", "code"),
    [
        ("item", {"beforeId": "x"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("item", {"afterId": "x", "sectionId": "work"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("item", {"beforeId": "a", "sectionId": "skills"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("item", {"beforeId": "a"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("item", {"afterId": "work"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("item", {"beforeId": "b", "afterId": "c"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("item", {"beforeId": "other item"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("item", {"sectionId": "other section"}, 404, "NOT_FOUND"),
        ("item", {"sectionId": "other section", "afterId": "other item"}, 404, "NOT_FOUND"),
        ("item", {"sectionId": "a"}, 404, "NOT_FOUND"),
        ("section", {"beforeId": "other section"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("section", {"afterId": "a"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("section", {"afterId": "work"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("new item", {"beforeId": "x"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("new item", {"afterId": "other item"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("new section", {"afterId": "other section"}, 422, "NEIGHBOUR_NOT_FOUND"),
        ("item", {"beforeId": 7}, 400, "VALIDATION_FAILED"),
        ("item", {"at": 0}, 400, "VALIDATION_FAILED"),
        ("section", {"sectionId": "skills"}, 400, "VALIDATION_FAILED"),
    ],
)
async def test_nothing_moves_to_where_there_is_nothing(
    editor: Any, edit: Any, what: str, place: Any, status: int, code: str
) -> None:
    other = await edit({"work": ["theirs"]})
    known = await ids(editor)
    theirs = (await other.items("work"))[0]
    known |= {"other item": theirs["id"], "other section": theirs["sectionId"]}
    path, body = {
        "item": (f"items/{known['a']}/move", {}),
        "section": (f"sections/{known['work']}/move", {}),
        "new item": (f"sections/{known['work']}/items", {"data": 1}),
        "new section": ("sections", {"kind": "new"}),
    }[what]
    target = {name: known.get(value, value) for name, value in place.items()}
    assert await editor.refused("POST", path, body | target, status=status) == code
    assert await editor.content() == {"work": list("abcd"), "skills": ["x", "y"]}
    assert await other.content() == {"work": ["theirs"]}


async def test_moves_into_the_same_gap_at_once_all_find_a_place(editor: Any, database: Database) -> None:
    known = await ids(editor)
    await asyncio.gather(
        *(editor.call("POST", f"items/{known[name]}/move", {"afterId": known["a"]}) for name in "bcd"),
        *(
            editor.call(
                "POST", f"items/{known[name]}/move", {"sectionId": known["work"], "afterId": known["a"]}
            )
            for name in "xy"
        ),
        *(
            editor.call("POST", f"sections/{known['work']}/items", {"data": n, "afterId": known["a"]})
            for n in range(5)
        ),
    )
    content = await editor.content()
    assert content["work"][0] == "a"
    assert sorted(map(str, content["work"])) == sorted("abcdxy01234")
    assert content["skills"] == []
    ranks = await ranks_of(database, known["work"])
    assert len(set(ranks)) == 11


async def test_ranks_stay_short_however_often_something_is_put_into_one_gap(
    editor: Any, database: Database
) -> None:
    """When a rank becomes too long all of the section are given anew, which is no new version of those that stay."""
    known = await ids(editor)
    before = await editor.get(f"items/{known['d']}")
    async with database.write() as db:
        for name, rank in (("b", "a0" + "V" * 199), ("c", "a0" + "V" * 198 + "W"), ("d", "a1")):
            await db.execute(update(Item).where(Item.id == UUID(known[name])).values(rank=rank))
    await editor.post(f"items/{known['a']}/move", afterId=known["b"])
    assert (await editor.content())["work"] == ["b", "a", "c", "d"]
    assert max(map(len, await ranks_of(database, known["work"]))) == 2
    assert await editor.get(f"items/{known['d']}") == before


async def test_ranks_of_sections_stay_short_too(editor: Any, database: Database) -> None:
    known = await ids(editor)
    async with database.write() as db:
        for name, rank in (("work", "a0" + "V" * 199), ("skills", "a0" + "V" * 198 + "W")):
            await db.execute(update(Section).where(Section.id == UUID(known[name])).values(rank=rank))
    await editor.post("sections", kind="between", afterId=known["work"])
    assert list(await editor.sections()) == list(await editor.content()) == ["work", "between", "skills"]
    async with database.read() as db:
        resume_id = UUID(editor.path.rsplit("/", 1)[1])
        ranks = await db.scalars(select(Section.rank).where(Section.resume_id == resume_id))
        assert sorted(ranks) == ["a0", "a1", "a2"]


async def ranks_of(database: Database, section_id: str) -> list[str]:
    async with database.read() as db:
        wanted = select(Item.rank).where(Item.section_id == UUID(section_id)).order_by(Item.rank)
        return list(await db.scalars(wanted))
