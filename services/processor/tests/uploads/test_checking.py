"""Every upload comes to an end: whatever its check runs into, and if there is none."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from processor_standins.archives import MANIFEST, zipped
from processor_standins.platform import Platform

from common.blobs import Blobs
from common.contracts.jobs import Job, TemplateCheckJob
from common.db import Database
from common.ids import new_id, now
from processor.jobs.attempts import Attempt
from processor.jobs.runner import Done, Running
from processor.rendering import Renderer
from processor.settings import Settings
from processor.uploads import queries
from processor.uploads.checking import TemplateChecks
from processor.uploads.models import Upload
from processor.uploads.shelf import Shelf
from processor.uploads.upkeep import CHECKED_WITHIN, refuse_unchecked

GOOD = zipped({"template.toml": MANIFEST, "resume.typ": "= Hello"})


class FullDisk(Renderer):
    """What renders runs into something that nobody has thought of."""

    async def render(self, *_: Any, **__: Any) -> Any:
        raise OSError("No space left on device")


@pytest_asyncio.fixture
async def database(client: httpx.AsyncClient, settings: Settings) -> AsyncIterator[Database]:
    opened = Database(settings.database_url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def checks(database: Database, blobs: Blobs) -> AsyncIterator[TemplateChecks]:
    shelf = Shelf(database, {})
    yield TemplateChecks(database=database, blobs=blobs, shelf=shelf, renderer=FullDisk())
    await shelf.close()


async def uploaded(database: Database, archive: bytes = GOOD) -> Upload:
    owner, name = new_id(), new_id().hex
    row = Upload(id=new_id(), template_id=name, version=1, owner_id=owner, uploaded_by=owner)
    row.name, row.sha256, row.archive, row.job_id = "Mine", name * 2, archive, new_id()
    row.state, row.created_at = "checking", now()
    async with database.write() as db:
        db.add(row)
    return row


async def became(database: Database, row: Upload) -> Upload:
    async with database.read() as db:
        found = await queries.find(db, row.id, owner_id=None)
    assert found is not None
    return found


def attempt(row: Upload, number: int) -> Attempt:
    payload = msgspec.to_builtins(TemplateCheckJob(upload_id=row.id, sha256=row.sha256))
    job = Job(id=row.job_id, kind=TemplateCheckJob.KIND, user_id=row.uploaded_by, payload=payload)
    return Attempt(job, "checks", number, fence=1, most=3)


async def test_the_last_attempt_that_fails_refuses_the_upload(
    checks: TemplateChecks, database: Database, platform: Platform
) -> None:
    row = await uploaded(database)

    async def check(number: int) -> Done:
        running = Running(attempt(row, number), database, platform.bus)
        try:
            return await checks(running)
        finally:
            running.close()

    with pytest.raises(OSError, match="No space"):
        await check(2)
    done = await check(3)
    async with database.write() as db:
        await done.record(db)
    refused = await became(database, row)
    assert (refused.state, (refused.report or {})["problem"][:20]) == ("refused", "It cannot be checked")


async def test_an_archive_that_is_no_template_is_refused_with_its_place(
    checks: TemplateChecks, database: Database, platform: Platform
) -> None:
    row = await uploaded(database, zipped({"template.toml": MANIFEST, "resume.typ": b"\xff"}))
    running = Running(attempt(row, 1), database, platform.bus)
    done = await checks(running)
    running.close()
    assert not done.result["isGood"]
    assert "resume.typ" in done.result["report"]["problem"]


async def test_what_is_never_checked_is_refused_after_a_while(database: Database) -> None:
    row = await uploaded(database)
    assert await refuse_unchecked(database, at=now() + CHECKED_WITHIN / 2) == 0
    assert (await became(database, row)).state == "checking"
    assert await refuse_unchecked(database, at=now() + CHECKED_WITHIN) >= 1
    refused = await became(database, row)
    assert (refused.state, (refused.report or {})["problem"][-16:]) == ("refused", "Upload it again.")
