"""Versions that nobody asked for, with a clock that is put forward."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from common.db import Database

Owner = dict[str, str]
MINUTE = timedelta(minutes=1)


async def put(client: httpx.AsyncClient, owner: Owner, path: str, document: Any) -> None:
    answer = await client.put(f"{path}/content", json=document, headers=owner)
    assert answer.status_code == 200, answer.text


async def contents(versions: Any, path: str) -> list[Any]:
    found = await versions(path)
    assert {version["reason"] for version in found} <= {"automatic"}
    return [version["content"] for version in found]


async def test_what_stood_for_ten_minutes_is_kept_before_somebody_goes_on(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, rest: Any, versions: Any
) -> None:
    path = await make_resume(content={"work": [1]})
    await rest(path, 9 * MINUTE)
    await put(client, owner, path, {"work": [2]})
    assert await contents(versions, path) == []
    await rest(path, 10 * MINUTE)
    await put(client, owner, path, {"work": [3]})
    assert await contents(versions, path) == [{"work": [2]}]


async def test_of_steady_writing_a_version_is_kept_every_half_hour(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, rest: Any, versions: Any
) -> None:
    path = await make_resume(content={"work": [0]})
    for minute in range(5, 100, 5):
        await rest(path, 5 * MINUTE)
        await put(client, owner, path, {"work": [minute]})
    assert await contents(versions, path) == [{"work": [25]}, {"work": [55]}, {"work": [85]}]


async def test_steady_writing_is_counted_from_where_it_began(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, rest: Any, versions: Any
) -> None:
    """Not from the last version, however long nobody wrote after it."""
    path = await make_resume(content={"work": [0]})
    made = (await client.post(f"{path}/versions", headers=owner)).json()
    await rest(path, 60 * MINUTE)
    for minute in range(0, 40, 5):
        await put(client, owner, path, {"work": [f"{minute} minutes"]})
        await rest(path, 5 * MINUTE)
    first, *later = await versions(path)
    assert first["id"] == made["id"]
    assert [version["content"] for version in later] == [{"work": ["25 minutes"]}]


async def test_what_a_version_says_already_is_not_kept_again(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, rest: Any, versions: Any
) -> None:
    path = await make_resume(content={"work": [1]})
    made = await client.post(f"{path}/versions", headers=owner)
    await client.patch(path, json={"title": "Other"}, headers=owner)  # no change of what it says
    await rest(path, 60 * MINUTE)
    await put(client, owner, path, {"work": [2]})
    assert [version["id"] for version in await versions(path)] == [made.json()["id"]]


async def test_a_put_that_changes_nothing_keeps_nothing_twice(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, rest: Any, versions: Any
) -> None:
    path = await make_resume(content={"work": [1]})
    for _ in range(3):
        await rest(path, 60 * MINUTE)
        await put(client, owner, path, {"work": [1]})
    assert await contents(versions, path) == [{"work": [1]}]


@pytest.mark.parametrize(
    "after",
    [
        {"basics": {"name": "Ada"}, "work": [{"name": "A"}]},
        {"basics": {"name": "Ada"}},
        {"work": [{"name": "A"}, {"name": "B"}]},
        {},
    ],
)
async def test_a_document_that_drops_something_leaves_a_version_of_it(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, versions: Any, after: Any
) -> None:
    before = {"basics": {"name": "Ada"}, "work": [{"name": "A"}, {"name": "B"}]}
    path = await make_resume(content=before)
    await put(client, owner, path, after)
    assert await contents(versions, path) == [before]


async def test_a_document_that_only_changes_and_adds_leaves_none(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, versions: Any
) -> None:
    path = await make_resume(content={"basics": {"name": "Ada"}, "work": [{"name": "A"}]})
    await put(
        client,
        owner,
        path,
        {"basics": {"name": "Ada L."}, "work": [{"name": "A."}, {"name": "B"}], "skills": [1]},
    )
    assert await contents(versions, path) == []


async def test_after_a_version_is_deleted_the_present_is_looked_at_anew(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, rest: Any, versions: Any
) -> None:
    path = await make_resume(content={"work": [1]})
    made = await client.post(f"{path}/versions", headers=owner)
    await client.delete(made.headers["location"], headers=owner)
    await rest(path, 60 * MINUTE)
    await put(client, owner, path, {"work": [2]})
    assert await contents(versions, path) == [{"work": [1]}]


async def test_while_no_version_is_due_a_change_reads_none(database: Database) -> None:
    """The cost on the way of every change: nothing but what the row at hand says."""
    from api.resumes.models import Resume
    from api.versions import automatic
    from common.ids import new_id, now

    statements: list[str] = []
    event.listen(
        database.writer.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2])
    )
    resume = Resume(id=new_id(), members=["work"], created_at=now(), updated_at=now(), frozen_at=None)
    async with database.write() as db:
        await automatic.before_change(db, resume)
    assert statements == []


FULL: dict[str, Any] = {
    "basics": {"name": "Ada", "summary": "All my life's work"},
    "work": [{"name": "Engines", "position": "Programmer"}],
    "x-notes": {"important": "to keep"},
}


@pytest.mark.parametrize(
    "emptied",
    [
        FULL | {"basics": {}},
        FULL | {"work": [{}]},
        FULL | {"work": [{"name": "Somebody", "position": "Else"}]},
        {name: value for name, value in FULL.items() if name != "x-notes"},
        FULL | {"x-notes": {}},
        {"basics": {}, "work": [{}]},
    ],
)
async def test_what_is_emptied_in_its_place_is_kept_however_little_time_has_passed(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, versions: Any, emptied: Any
) -> None:
    path = await make_resume(content=FULL)
    await put(client, owner, path, emptied)
    assert await contents(versions, path) == [FULL]


async def test_an_edit_of_what_is_there_is_no_loss(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, versions: Any
) -> None:
    path = await make_resume(content=FULL)
    edited = {"basics": FULL["basics"] | {"summary": "Another"}, "x-notes": {"important": "to keep", "n": 1}}
    work = [{"name": "Engines", "position": "Head of them", "summary": "More words than before"}]
    await put(client, owner, path, FULL | edited | {"work": work})
    assert await contents(versions, path) == []
