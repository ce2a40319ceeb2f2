"""What exports leave behind is gone after a while: files that no job answers for, and what is known of old documents."""

from datetime import timedelta
from uuid import UUID

import pytest
from processor_standins.api import Api
from processor_standins.kinds import Rows
from processor_standins.platform import Platform

from common.blobs import BlobMissing, Blobs
from common.db import Database
from common.ids import new_id, now
from processor.documents.addresses import BUCKET, job_of
from processor.documents.models import RenderedDocument
from processor.documents.sweeping import Sweeper
from processor.jobs.models import JobStatus
from processor.settings import Settings

KEPT = timedelta(days=30)


async def is_there(blobs: Blobs, key: str) -> bool:
    try:
        await blobs.stat(BUCKET, key)
    except BlobMissing:
        return False
    return True


async def put(blobs: Blobs, key: str) -> str:
    await blobs.put(BUCKET, key, b"%PDF-", content_type="application/pdf")
    return key


async def test_a_file_that_no_job_answers_for_is_deleted_once_it_is_a_day_old(
    platform: Platform, api: Api, blobs: Blobs, settings: Settings
) -> None:
    done = (await platform.ended(await platform.export(api.version().id))).result
    assert done is not None
    failed = await platform.ended(await platform.export(new_id()))
    lost = [
        await put(blobs, f"pdfs/{new_id()}/lost.pdf"),
        await put(blobs, f"exports/docx/{new_id()}/lost.docx"),
        await put(blobs, f"pdfs/{failed.job_id}/stored-before-it-failed.pdf"),
    ]
    kept = [done["key"], await put(blobs, "pdfs/nobody-s-job/other.pdf")]
    database = Database(settings.database_url)
    sweeper = Sweeper(database, blobs, jobs_kept=KEPT)
    await sweeper.delete_orphans(at=now() + timedelta(hours=23))
    assert [await is_there(blobs, key) for key in lost + kept] == [True] * 5
    assert await sweeper.delete_orphans(at=now() + timedelta(hours=25)) >= len(lost)
    assert [await is_there(blobs, key) for key in lost + kept] == [False] * 3 + [True] * 2
    assert await sweeper.delete_orphans(at=now() + timedelta(hours=25)) == 0
    await database.close()


async def test_a_file_whose_job_may_be_forgotten_is_kept_until_it_has_had_its_time(
    platform: Platform, blobs: Blobs, settings: Settings
) -> None:
    key = await put(blobs, f"pdfs/{new_id()}/of-a-forgotten-job.pdf")
    database = Database(settings.database_url)
    sweeper = Sweeper(database, blobs, jobs_kept=timedelta(days=7))
    await sweeper.delete_orphans(at=now() + timedelta(days=20))
    assert await is_there(blobs, key)
    await sweeper.delete_orphans(at=now() + timedelta(days=32))
    assert not await is_there(blobs, key)
    await database.close()


@pytest.mark.parametrize("state", ["queued", "running", "retrying", "scheduled"])
async def test_the_file_of_a_job_that_is_under_way_is_kept(
    platform: Platform, blobs: Blobs, settings: Settings, state: str
) -> None:
    job_id = new_id()
    database = Database(settings.database_url)
    async with database.write() as db:
        db.add(JobStatus(job_id=job_id, kind="pdf_generation", state=state, seq=1, stage=""))
    key = await put(blobs, f"pdfs/{job_id}/stored.pdf")
    await Sweeper(database, blobs, jobs_kept=KEPT).delete_orphans(at=now() + timedelta(days=2))
    assert await is_there(blobs, key)
    async with database.write() as db:
        row = await db.get(JobStatus, job_id)
        assert row is not None
        await db.delete(row)
    await database.close()


async def test_old_documents_are_forgotten(
    platform: Platform, api: Api, blobs: Blobs, settings: Settings, rows: Rows
) -> None:
    done = (await platform.ended(await platform.export(api.version().id))).result
    assert done is not None
    database = Database(settings.database_url)
    sweeper = Sweeper(database, blobs, jobs_kept=KEPT)
    await sweeper.forget_documents(at=now() + timedelta(days=29))
    assert done["key"] in {row.key for row in await rows(settings, RenderedDocument)}
    assert await sweeper.forget_documents(at=now() + timedelta(days=31)) >= 1
    assert await rows(settings, RenderedDocument) == []
    await database.close()


def test_the_job_of_a_file_is_told_by_its_key() -> None:
    job_id = new_id()
    assert job_of(f"pdfs/{job_id}/a.pdf") == job_id
    assert job_of(f"exports/docx/{job_id}/a.docx") == job_id
    assert [job_of(key) for key in ("", "a.pdf", "pdfs/x/a.pdf", "pdfs//a.pdf")] == [None] * 4
    assert isinstance(job_of(f"exports/md/{job_id}/a.md"), UUID)
