"""The rows under a document: they keep their ids, and the tables of old are views of them."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from api.contents.matching import match, rank
from api.contents.models import Item, Section
from common.db import Database


async def ids(database: Database, path: str, kind: str = "work") -> dict[str, UUID]:
    """The ids of the items of a resume by their JSON, in order."""
    async with database.read() as db:
        rows = await db.execute(
            select(Item.data, Item.id)
            .where(Item.resume_id == UUID(path.rsplit("/", 1)[1]), Item.kind == kind)
            .order_by(Item.rank)
        )
        return {row.data: row.id for row in rows}


async def put(client: httpx.AsyncClient, owner: dict[str, str], path: str, document: Any) -> str:
    answer = await client.put(f"{path}/content", json=document, headers=owner)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["etag"])


async def test_entries_that_stay_keep_their_ids(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, database: Database
) -> None:
    path = await make_resume(content={"work": ["a", "b", "c", "d"], "skills": ["x"]})
    before, skill = await ids(database, path), await ids(database, path, "skills")
    await put(client, owner, path, {"skills": ["x"], "work": ["d", "new", "b changed", "a"]})
    after = await ids(database, path)
    assert list(after) == ['"d"', '"new"', '"b changed"', '"a"']
    assert after['"a"'] == before['"a"']
    assert after['"d"'] == before['"d"']
    assert await ids(database, path, "skills") == skill


async def test_an_edited_entry_keeps_its_id_also_when_one_is_put_before_it(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, database: Database
) -> None:
    path = await make_resume(content={"work": ["a", "b"]})
    before = await ids(database, path)
    await put(client, owner, path, {"work": ["new", "a", "b edited"]})
    after = await ids(database, path)
    assert after['"a"'] == before['"a"']
    assert after['"b edited"'] == before['"b"']
    assert after['"new"'] not in before.values()


async def test_the_same_document_again_makes_no_version(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    document = {"basics": {"name": "Ada"}, "work": [1, 1, 2], "x": 1.5}
    path = await make_resume(content=document)
    assert await put(client, owner, path, document) == '"v1"'
    assert await put(client, owner, path, {"work": [1, 1, 2], "basics": {"name": "Ada"}, "x": 1.5}) == '"v2"'


async def test_a_section_that_is_gone_leaves_no_rows(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, database: Database
) -> None:
    path = await make_resume(content={"work": ["a"], "skills": ["b"]})
    await put(client, owner, path, {"skills": ["b"], "work": "gone"})
    resume_id = UUID(path.rsplit("/", 1)[1])
    async with database.read() as db:
        kinds = (await db.scalars(select(Section.kind).where(Section.resume_id == resume_id))).all()
        items = (await db.scalars(select(Item.kind).where(Item.resume_id == resume_id))).all()
    assert (kinds, items) == (["skills"], ["skills"])


@pytest.mark.parametrize(
    ("view", "section", "entry", "columns"),
    [
        (
            "experiences",
            "work",
            {"name": "Analytical Engines", "position": "Programmer", "startDate": "1842"},
            {
                "company": "Analytical Engines",
                "position": "Programmer",
                "start_date": "1842",
                "end_date": None,
            },
        ),
        ("education", "education", {"institution": "Home", "studyType": "Maths"}, {"study_type": "Maths"}),
        ("skills", "skills", {"name": "Bernoulli numbers"}, {"name": "Bernoulli numbers", "level": None}),
        ("projects", "projects", {"name": "Note G", "type": "paper"}, {"name": "Note G", "type": "paper"}),
        ("certifications", "certificates", {"name": "C", "issuer": "I"}, {"name": "C", "issuer": "I"}),
    ],
)
async def test_the_tables_of_old_are_views(
    make_resume: Any, database: Database, view: str, section: str, entry: dict[str, str], columns: Any
) -> None:
    path = await make_resume(content={section: [entry, "odd", None]})
    async with database.read() as db:
        rows = await db.execute(
            text(f"SELECT * FROM {view} WHERE resume_id = :id ORDER BY rank"),
            {"id": UUID(path.rsplit("/", 1)[1]).hex},
        )
        found = rows.mappings().all()
    assert len(found) == 3
    assert {name: found[0][name] for name in columns} == columns


@given(st.lists(st.sampled_from("abcdef"), max_size=8), st.lists(st.sampled_from("abcdef"), max_size=8))
@settings(max_examples=100, deadline=None)
def test_every_new_entry_is_at_most_one_old_and_ranks_ascend(old: list[str], new: list[str]) -> None:
    found = match(old, new)
    taken = [index for index in found if index is not None]
    assert len(taken) == len(set(taken))
    for text_, index in zip(new, found, strict=True):
        equal_left = [i for i, o in enumerate(old) if o == text_ and i not in taken]
        assert index is not None or not equal_left
    ranks = rank([None] * len(old))
    again = rank([None if index is None else ranks[index] for index in found])
    assert again == sorted(set(again))
    assert rank(again) == again
