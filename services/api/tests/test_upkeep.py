"""What is done every hour, by one process at a time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

import api
from api import upkeep
from api.exports.models import Export
from api.jobs.models import JobStatus
from api.resumes.models import Resume
from api.settings import Settings
from api.upkeep import STEPS, Parts, Step, Upkeep, older_than, once
from api.versions.models import Version
from common.blobs import Blobs
from common.db import Database
from common.idempotency import StoredResponse
from common.ids import new_id, now
from common.testing.fixtures import MakeSettings, eventually

Owner = dict[str, str]


@pytest.fixture
async def parts(database: Database, settings: Settings) -> AsyncIterator[Parts]:
    blobs = Blobs(settings)
    yield Parts(database, blobs)
    await blobs.close()


def step(name: str) -> tuple[str, Step]:
    return next(found for found in STEPS if found[0] == name)


async def age(database: Database, row: Any, key: Any, days: float, *columns: str) -> None:
    async with database.write() as db:
        found = await db.get_one(row, key)
        for column in columns or ("created_at",):
            setattr(found, column, now() - timedelta(days=days))


async def is_there(database: Database, row: Any, key: Any) -> bool:
    async with database.read() as db:
        return await db.get(row, key) is not None


async def test_an_export_and_its_job_go_with_the_file(
    parts: Parts, database: Database, make_export: Any
) -> None:
    """Files of exports are kept for 30 days."""
    young, old = await make_export(), await make_export()
    for made, days in ((young, 29), (old, 31)):
        await age(database, Export, UUID(made["exportId"]), days)
        await age(database, JobStatus, UUID(made["jobId"]), days, "created_at", "updated_at")
    done = await once(parts, at=now())
    assert done["exports"] >= 1
    assert done["jobs"] >= 1
    for made, stays in ((young, True), (old, False)):
        assert await is_there(database, Export, UUID(made["exportId"])) is stays
        assert await is_there(database, JobStatus, UUID(made["jobId"])) is stays


async def test_an_export_that_was_asked_for_in_advance_is_kept_for_as_long_from_then_on(
    parts: Parts, database: Database, make_export: Any, client: httpx.AsyncClient, owner: Owner
) -> None:
    made = await make_export(runAt=(now() + timedelta(days=20)).isoformat())
    read = (await client.get(f"/api/v1/exports/{made['exportId']}", headers=owner)).json()
    for days, stays in ((49, True), (51, False)):
        await once(parts, at=now() + timedelta(days=days), steps=[step("exports"), step("versions")])
        assert await is_there(database, Export, UUID(made["exportId"])) is stays
        assert await is_there(database, Version, UUID(read["versionId"]))


async def test_the_job_of_an_export_that_is_left_stays(
    parts: Parts, database: Database, make_export: Any
) -> None:
    made = await make_export()
    await age(database, JobStatus, UUID(made["jobId"]), 100, "created_at", "updated_at")
    await once(parts, at=now())
    assert await is_there(database, JobStatus, UUID(made["jobId"]))


async def test_stored_responses_are_forgotten_after_a_day(
    client: httpx.AsyncClient, owner: Owner, owner_id: UUID, database: Database, parts: Parts
) -> None:
    """Also where nobody sends a key any more: they hold what people were told."""
    for key in ("young", "old"):
        headers = owner | {"Idempotency-Key": key}
        assert (await client.post("/api/v1/resumes", json={"title": "x"}, headers=headers)).is_success
    await age(database, StoredResponse, (owner_id, "POST /api/v1/resumes", "old"), 1.01)
    await once(parts, at=now())
    async with database.read() as db:
        keys = await db.scalars(select(StoredResponse.key).where(StoredResponse.user_id == owner_id))
        assert set(keys) == {"young"}


async def test_a_step_that_fails_keeps_no_other_from_being_done(
    parts: Parts, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fails(_parts: Parts, at: datetime) -> int:
        raise ValueError(f"ada@example.org {at}")

    async def works(_parts: Parts, at: datetime) -> int:
        return at.year

    at = now()
    steps = [("first", works), ("second", fails), ("third", works)]
    assert await once(parts, at=at, steps=steps) == {"first": at.year, "third": at.year}
    said = capsys.readouterr().out
    assert "upkeep_failed" in said
    assert "second" in said
    assert "ada@example.org" not in said


async def test_every_step_is_done(parts: Parts) -> None:
    assert set(await once(parts, at=now())) == {name for name, _ in STEPS}


async def test_without_the_storage_everything_else_is_done(database: Database, settings: Settings) -> None:
    away = Blobs(msgspec.structs.replace(settings, s3_endpoint="http://127.0.0.1:9"))
    done = await once(Parts(database, away), at=now())
    await away.close()
    assert set(done) == {name for name, _ in STEPS} - {"uploads"}


async def test_the_trash_is_emptied_after_30_days(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, parts: Parts, database: Database
) -> None:
    ids = {}
    for days in (0, 29, 31):
        path = await make_resume(content={"work": [days]})
        ids[days] = UUID(path.rsplit("/", 1)[1])
        if days:
            await client.delete(path, headers=owner)
            await age(database, Resume, ids[days], days, "deleted_at")
    await once(parts, at=now())
    assert [days for days, key in ids.items() if await is_there(database, Resume, key)] == [0, 29]


async def test_the_file_of_an_export_goes_with_it(parts: Parts, database: Database, make_export: Any) -> None:
    made = await make_export()
    export_id, key = UUID(made["exportId"]), f"pdfs/{made['jobId']}/ada.pdf"
    await parts.blobs.ensure_bucket("resume-exports")
    await parts.blobs.put("resume-exports", key, b"%PDF", content_type="application/pdf")
    async with database.write() as db:
        export = await db.get_one(Export, export_id)
        export.bucket, export.key = "resume-exports", key
    await age(database, Export, export_id, 31)
    await once(parts, at=now())
    assert not await is_there(database, Export, export_id)

    async def gone() -> bool:
        return await parts.blobs.find("resume-exports", key) == []

    await eventually(gone)


async def test_rows_are_forgotten_some_at_once_until_there_are_no_more(parts: Parts) -> None:
    at, left = now(), [3, 3, 1, 0]
    asked: list[datetime] = []

    async def forget(_db: AsyncSession, before: datetime) -> int:
        asked.append(before)
        return left.pop(0)

    assert await older_than(timedelta(days=1), forget)(parts, at) == 7
    assert asked == [at - timedelta(days=1)] * 4


async def test_one_of_all_replicas_does_it(
    client: httpx.AsyncClient,
    database: Database,
    parts: Parts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds: list[str] = []

    async def note(_parts: Parts, at: datetime) -> int:
        rounds.append(str(at))
        return 0

    monkeypatch.setattr(upkeep, "STEPS", [("note", note)])
    other = Upkeep(database, parts.blobs, home="")
    await other.start()
    await asyncio.sleep(0.1)
    await other.stop()
    assert rounds == []


async def test_it_begins_as_soon_as_a_process_leads(settings_for: MakeSettings, owner_id: UUID) -> None:
    settings: Settings = settings_for(Settings, api.__file__)
    lonely = Database(settings.database_url)
    job = JobStatus(id=new_id(), owner_id=owner_id, kind="export", updated_at=now() - timedelta(days=31))
    async with lonely.write() as db:
        db.add(job)
    leader = Upkeep(lonely, Blobs(settings), home="")
    await leader.start()

    async def gone() -> bool:
        async with lonely.read() as db:
            return await db.scalar(select(func.count()).select_from(JobStatus)) == 0

    await eventually(gone)
    await leader.stop()
    await lonely.close()
