"""The trash: 30 days to think again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from api.contents.models import Item, Section
from api.resumes import trash
from api.resumes.models import Resume, Tag
from api.search.models import SearchText
from api.versions.models import Version
from common.db import Database
from common.ids import new_id, now

PATH = "/api/v1/resumes"
Resumes = Any
CONTENT = {"basics": {"name": "Ada"}, "work": [{"name": "Engine"}]}


async def put_away(database: Database, path: str, days: float) -> None:
    """Let the resume have been in the trash for so many days."""
    async with database.write() as db:
        resume = await db.get_one(Resume, id_of(path))
        resume.deleted_at = now() - timedelta(days=days)


def id_of(path: str) -> UUID:
    return UUID(path.rsplit("/", 1)[1])


async def test_the_trash_is_a_list_of_its_own(resumes: Resumes) -> None:
    kept = await resumes.make("Kept")
    path = await resumes.make("Gone", tags=["a"], language="de")
    before = await resumes.read(path)
    await resumes.done("DELETE", path)
    assert await resumes.titles() == ["Kept"]
    (gone,) = (await resumes.page(trash="true", tag="a", language="de", sort="title"))["items"]
    assert gone["id"] == before["id"]
    assert gone["deletedAt"] >= before["updatedAt"]
    assert (await resumes.read(kept))["deletedAt"] is None


async def test_what_is_restored_is_what_it_was(resumes: Resumes) -> None:
    path = await resumes.make("Gone", content=CONTENT, tags=["a"])
    before = await resumes.read(path)
    await resumes.done("DELETE", path)
    answer = await resumes.call("POST", f"{path}/restore")
    assert (answer.status_code, answer.headers["etag"]) == (200, '"v3"')
    changes = {name: answer.json()[name] for name in ("version", "updatedAt")}
    assert answer.json() == before | changes == await resumes.read(path)
    assert await resumes.read(f"{path}/content") == CONTENT
    assert await resumes.titles(trash="true") == []
    assert await resumes.titles(q="engine") == ["Gone"]


async def test_only_what_is_in_the_trash_is_restored(resumes: Resumes, others: Resumes) -> None:
    path = await resumes.make()
    assert (await resumes.call("POST", f"{path}/restore")).status_code == 404
    assert (await resumes.call("POST", f"{PATH}/{new_id()}/restore")).status_code == 404
    await resumes.done("DELETE", path)
    assert (await others.call("POST", f"{path}/restore")).status_code == 404
    assert await resumes.titles(trash="true") == ["Ada"]


async def test_a_restore_with_a_key_is_done_once(resumes: Resumes) -> None:
    path = await resumes.make()
    await resumes.done("DELETE", path)
    key = new_id().hex
    first = await resumes.call("POST", f"{path}/restore", Idempotency_Key=key)
    again = await resumes.call("POST", f"{path}/restore", Idempotency_Key=key)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert (await resumes.call("POST", f"{path}/restore", Idempotency_Key=new_id().hex)).status_code == 404


async def test_after_thirty_days_nothing_is_restored(resumes: Resumes, database: Database) -> None:
    young, old = await resumes.make("Young"), await resumes.make("Old")
    for path, days in ((young, 29.9), (old, 30.1)):
        await resumes.done("DELETE", path)
        await put_away(database, path, days)
    assert await resumes.titles(trash="true") == ["Young"]
    assert (await resumes.call("POST", f"{old}/restore")).status_code == 404
    assert (await resumes.call("POST", f"{young}/restore")).status_code == 200


async def left(database: Database, path: str) -> int:
    """Rows that there are of a resume."""
    async with database.read() as db:
        of = [(Resume, Resume.id)] + [(t, t.resume_id) for t in (Section, Item, Tag, Version, SearchText)]
        counts = [await db.scalar(select(func.count()).select_from(t).where(c == id_of(path))) for t, c in of]
    return sum(count or 0 for count in counts)


async def test_deletion_for_good_leaves_nothing(resumes: Resumes, database: Database) -> None:
    path = await resumes.make(content=CONTENT, tags=["a"])
    await resumes.done("POST", f"{path}/versions")
    body = {"resumeId": path.rsplit("/", 1)[1], "format": "pdf"}
    export = (await resumes.call("POST", "/api/v1/exports", body)).headers["location"]
    forever = f"{path}?permanently=true"
    refused = await resumes.call("DELETE", forever)
    assert (refused.status_code, refused.json()["code"]) == (409, "RESUME_NOT_IN_TRASH")
    await resumes.done("DELETE", path)
    assert (await resumes.call("DELETE", forever, If_Match='"v1"')).status_code == 412
    assert await left(database, path) > 5
    assert (await resumes.call("DELETE", forever, If_Match='"v2"')).status_code == 204
    assert await left(database, path) == 0
    assert (await resumes.call("GET", export)).status_code == 404
    assert (await resumes.call("DELETE", forever)).status_code == 404
    assert (await resumes.call("POST", f"{path}/restore")).status_code == 404
    if database.is_sqlite:
        async with database.write() as db:  # raises if the index has words of rows that are gone
            await db.execute(text("INSERT INTO search_index (search_index) VALUES ('integrity-check')"))


async def test_a_purge_empties_the_trash_of_what_is_old_in_batches(
    resumes: Resumes, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash, "AT_ONCE", 2)
    live, young = await resumes.make("Live", content=CONTENT), await resumes.make("Young")
    old = [await resumes.make(f"Old {number}", content=CONTENT) for number in range(3)]
    for path, days in ((young, 29), *((path, 31) for path in old)):
        await resumes.done("DELETE", path)
        await put_away(database, path, days)
    counts = []
    while not counts or counts[-1]:
        async with database.write() as db:
            counts.append(await trash.purge(db, now() - trash.KEPT_FOR))
    assert max(counts) == 2
    assert sum(counts) >= 3
    assert [await left(database, path) for path in old] == [0, 0, 0]
    assert await resumes.titles() == ["Live"]
    assert await resumes.titles(trash="true") == ["Young"]
    assert await resumes.read(f"{live}/content") == CONTENT
