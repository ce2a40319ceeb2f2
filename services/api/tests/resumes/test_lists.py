"""Lists of resumes: filters, orders, and pages that hold while others write."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from api.resumes import listing
from api.resumes.listing import Order, Place, Wanted
from api.search import parsing
from common.db import Database
from common.ids import new_id, now

PATH = "/api/v1/resumes"
Resumes = Any
SORTS = ("-updatedAt", "updatedAt", "-createdAt", "createdAt", "title", "-title")


async def test_what_was_changed_last_comes_first(resumes: Resumes) -> None:
    first = await resumes.make("First")
    await resumes.make("Second")
    assert await resumes.titles() == ["Second", "First"]
    await resumes.done("PUT", f"{first}/content", {"work": [1]})
    assert await resumes.titles() == ["First", "Second"]


@pytest.mark.parametrize("sort", SORTS)
async def test_every_order_is_the_same_whatever_the_pages(resumes: Resumes, sort: str) -> None:
    titles = ["b", "Ärger", "a", "Z", "émile", "eve", "Ezra", "B", "10", "🚀", "مرحبا", "東京"]
    paths = [await resumes.make(title) for title in titles]
    await resumes.done("PATCH", paths[3], {"language": "de"})
    by_title = ["10", "a", "Ärger", "b", "B", "émile", "eve", "Ezra", "Z", "مرحبا", "東京", "🚀"]
    by_change = titles[:3] + titles[4:] + ["Z"]
    wanted = {"title": by_title, "createdAt": titles, "updatedAt": by_change}[sort.removeprefix("-")]
    if sort.startswith("-"):
        wanted = wanted[::-1]
    for limit in (1, 5, 100):
        assert await resumes.titles(sort=sort, limit=limit) == wanted, limit


@pytest.mark.parametrize("sort", SORTS)
async def test_pages_hold_while_others_are_inserted(resumes: Resumes, sort: str) -> None:
    for number in range(6):
        await resumes.make(f"Resume {number}")
    before = await resumes.titles(sort=sort)
    page = await resumes.page(sort=sort, limit=3)
    for title in ("A new one", "Resume 2a", "Z new one"):
        await resumes.make(title)
    rest = await resumes.titles(sort=sort, cursor=page["nextCursor"])
    seen = [item["title"] for item in page["items"]] + [title for title in rest if title in before]
    assert seen == before


async def test_titles_of_one_name_all_come(resumes: Resumes) -> None:
    for title in ("same", "Same", "SAME", "säme", "sAme"):
        await resumes.make(title)
    assert sorted(await resumes.titles(sort="title", limit=2)) == sorted(
        ["same", "Same", "SAME", "säme", "sAme"]
    )


async def test_a_cursor_is_of_one_order_and_one_set_of_filters(resumes: Resumes) -> None:
    for number in range(3):
        await resumes.make(f"Resume {number}", tags=["a"])
    lists: list[dict[str, Any]] = [
        *({"sort": sort} for sort in SORTS),
        {"kind": "resume"},
        {"tag": "a"},
        {"language": "en"},
        {"q": "resume"},
        {"q": "resume", "sort": "title"},
    ]
    for params in lists:
        cursor = (await resumes.page(**params, limit=1))["nextCursor"]
        for others in lists:
            answer = await resumes.client.get(PATH, params=others | {"cursor": cursor}, headers=resumes.owner)
            same = params == others
            assert answer.status_code == (200 if same else 400), (params, others)
            if not same:
                assert answer.json()["errors"][0]["path"] == "$.cursor"


@pytest.mark.parametrize("sort", ["title", "-updatedAt"])
@pytest.mark.parametrize(
    "change",
    [
        {"value": "a\x00b"},
        {"value": ""},
        {"value": "2024-01-01"},
        {"value": "2024-01-01T00:00:00+05:00"},
        {"score": -1},
        {"score": 2**70},
        {"of": "x"},
        {"value": 1},
        {"id": "x"},
    ],
)
async def test_a_forged_cursor_is_refused_or_harmless(resumes: Resumes, sort: str, change: Any) -> None:
    for title in ("A", "B"):
        await resumes.make(title)
    cursor = (await resumes.page(sort=sort, limit=1))["nextCursor"]
    of, value, resume_id, score = msgspec.json.decode(urlsafe_b64decode(cursor + "=="))
    forged = {"of": of, "value": value, "id": resume_id, "score": score} | change
    text = urlsafe_b64encode(msgspec.json.encode(list(forged.values()))).decode()
    answer = await resumes.client.get(PATH, params={"sort": sort, "cursor": text}, headers=resumes.owner)
    harmless = sort == "title" and isinstance(change.get("value"), str) and "\x00" not in change["value"]
    assert answer.status_code == (200 if harmless else 400), answer.text


@pytest.mark.parametrize("cursor", ["nonsense", "é", "AAAA", "WzFd", "bnVsbA", "e30", "=", "W10="])
async def test_a_made_up_cursor_is_refused(resumes: Resumes, cursor: str) -> None:
    answer = await resumes.client.get(PATH, params={"cursor": cursor}, headers=resumes.owner)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("language", "found"),
    [
        ("en", ["en-GB-oxendict", "EN", "en-gb"]),
        ("EN-gb", ["en-GB-oxendict", "en-gb"]),
        ("eng", ["eng"]),
        ("e", []),
        ("zh", ["zh-Hant"]),
    ],
)
async def test_a_language_finds_its_variants(resumes: Resumes, language: str, found: list[str]) -> None:
    for tag in ("en-gb", "EN", "eng", "zh-Hant", "en-GB-oxendict"):
        await resumes.make(tag, language=tag)
    assert await resumes.titles(language=language) == found


@pytest.mark.parametrize(
    "params",
    [
        {"sort": "name"},
        {"kind": "poem"},
        {"language": "%"},
        {"language": "e" * 36},
        {"trash": "maybe"},
        {"q": "x" * 201},
        {"tag": ["t"] * 21},
    ],
)
async def test_a_bad_filter_is_named(resumes: Resumes, params: dict[str, Any]) -> None:
    answer = await resumes.client.get(PATH, params=params, headers=resumes.owner)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["path"].startswith(f"$.{next(iter(params))}")


async def test_lists_are_of_their_owner(resumes: Resumes, others: Resumes) -> None:
    await resumes.make("Mine")
    await others.make("Theirs")
    for sort in SORTS:
        assert await resumes.titles(sort=sort) == ["Mine"]


@pytest.mark.parametrize("column", ["updated_at", "created_at", "title_key"])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("trash", [True, False])
@pytest.mark.parametrize("is_first", [True, False])
async def test_a_page_is_read_from_an_index_in_its_order(
    database: Database, column: str, descending: bool, trash: bool, is_first: bool
) -> None:
    """So the first page costs the same among 100,000 resumes of others, and the last page what the first does."""
    if not database.is_sqlite:
        pytest.skip("the plan is SQLite's")
    wanted = Wanted(
        owner_id=new_id(),
        order=Order(column=column, is_descending=descending),
        trashed_since=now() if trash else None,
    )
    after = None if is_first else Place("a" if column == "title_key" else now(), new_id())
    plan = await explain(database, wanted, after)
    assert len(plan) == 1, plan
    which = "trash" if trash else "live"
    assert f"COVERING INDEX ix_resumes_{which}_{column} (owner_id=?" in plan[0], plan
    assert is_first or f"({column},id)" in plan[0].replace(", ", ","), plan


async def test_a_search_reads_the_index_of_words_and_one_of_the_owners_resumes(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("the plan is SQLite's")
    clauses = tuple(parsing.parse("ada engi"))
    order = Order(column="updated_at", is_descending=True)
    plan = await explain(database, Wanted(owner_id=new_id(), order=order, clauses=clauses), None)
    assert "COVERING INDEX ix_resumes_live_updated_at (owner_id=?)" in plan[0]
    assert [line for line in plan if "SCAN" in line] == ["SCAN search_index VIRTUAL TABLE INDEX 0:M1"] * 2


async def explain(database: Database, wanted: Wanted, after: Place | None) -> list[str]:
    async with database.read() as db:
        statement = listing.statement(db, wanted, after, 21)
        compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
        values = {name: str(value) for name, value in compiled.params.items()}
        rows = await db.execute(text(f"EXPLAIN QUERY PLAN {compiled}"), values)
        return [row.detail for row in rows]
