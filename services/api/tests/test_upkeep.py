"""What is done every hour, by one process at a time."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

import api
from api import upkeep
from api.exports.models import Export
from api.jobs.models import JobStatus
from api.settings import Settings
from api.upkeep import STEPS, Upkeep, batches, once
from common.db import Database
from common.idempotency import StoredResponse
from common.ids import new_id, now
from common.testing.fixtures import MakeSettings, eventually

Owner = dict[str, str]


async def age(database: Database, row: Any, key: Any, days: float, *columns: str) -> None:
    async with database.write() as db:
        found = await db.get_one(row, key)
        for column in columns or ("created_at",):
            setattr(found, column, now() - timedelta(days=days))


async def is_there(database: Database, row: Any, key: Any) -> bool:
    async with database.read() as db:
        return await db.get(row, key) is not None


async def test_an_export_and_its_job_go_with_the_file(database: Database, make_export: Any) -> None:
    """Files of exports are kept for 30 days."""
    young, old = await make_export(), await make_export()
    for made, days in ((young, 29), (old, 31)):
        await age(database, Export, UUID(made["exportId"]), days)
        await age(database, JobStatus, UUID(made["jobId"]), days, "created_at", "updated_at")
    done = await once(database, at=now())
    assert done["exports"] >= 1
    assert done["jobs"] >= 1
    for made, stays in ((young, True), (old, False)):
        assert await is_there(database, Export, UUID(made["exportId"])) is stays
        assert await is_there(database, JobStatus, UUID(made["jobId"])) is stays


async def test_the_job_of_an_export_that_is_left_stays(database: Database, make_export: Any) -> None:
    made = await make_export()
    await age(database, JobStatus, UUID(made["jobId"]), 100, "created_at", "updated_at")
    await once(database, at=now())
    assert await is_there(database, JobStatus, UUID(made["jobId"]))


async def test_stored_responses_are_forgotten_after_a_day(
    client: httpx.AsyncClient, owner: Owner, owner_id: UUID, database: Database
) -> None:
    """Also where nobody sends a key any more: they hold what people were told."""
    for key in ("young", "old"):
        headers = owner | {"Idempotency-Key": key}
        assert (await client.post("/api/v1/resumes", json={"title": "x"}, headers=headers)).is_success
    await age(database, StoredResponse, (owner_id, "POST /api/v1/resumes", "old"), 1.01)
    await once(database, at=now())
    async with database.read() as db:
        keys = await db.scalars(select(StoredResponse.key).where(StoredResponse.user_id == owner_id))
        assert set(keys) == {"young"}


async def test_a_step_that_fails_keeps_no_other_from_being_done(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fails(_database: Database, *, at: datetime) -> int:
        raise ValueError(f"ada@example.org {at}")

    async def works(_database: Database, *, at: datetime) -> int:
        return at.year

    at = now()
    steps = [("first", works), ("second", fails), ("third", works)]
    assert await once(database, at=at, steps=steps) == {"first": at.year, "third": at.year}
    said = capsys.readouterr().out
    assert "upkeep_failed" in said
    assert "second" in said
    assert "ada@example.org" not in said


async def test_every_step_is_done(database: Database) -> None:
    done = await once(database, at=now())
    assert set(done) == {name for name, _ in STEPS}
    assert len(done) == len(STEPS)


async def test_rows_are_forgotten_some_at_once_until_there_are_no_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "AT_ONCE", 3)
    asked: list[int] = []
    before = now() - timedelta(days=2)
    left = 7

    async def forget(_db: AsyncSession, *, before: datetime, limit: int) -> int:
        nonlocal left
        asked.append(limit)
        gone, left = min(left, limit), left - min(left, limit)
        times.append(before)
        return gone

    times: list[datetime] = []
    assert await batches(forget, kept=timedelta(days=1))(database, at=before + timedelta(days=1)) == 7
    assert asked == [3, 3, 3]
    assert set(times) == {before}


async def test_one_of_all_replicas_does_it(
    client: httpx.AsyncClient,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds: list[str] = []

    async def note(_database: Database, *, at: datetime) -> int:
        rounds.append(str(at))
        return 0

    monkeypatch.setattr(upkeep, "STEPS", [("note", note)])
    other = Upkeep(database)
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
    leader = Upkeep(lonely)
    await leader.start()

    async def gone() -> bool:
        async with lonely.read() as db:
            return await db.scalar(select(func.count()).select_from(JobStatus)) == 0

    await eventually(gone)
    await leader.stop()
    await lonely.close()
