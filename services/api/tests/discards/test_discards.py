"""What is to go goes once it is due, when the storage can be reached, and nothing else does."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

import api
from api.discards import queries, service
from api.discards.models import Discard
from api.discards.service import Discarder
from api.settings import Settings
from common.blobs import BlobMissing, Blobs, BlobsUnavailable
from common.db import Database
from common.ids import new_id
from common.testing.fixtures import MakeSettings, eventually
from common.testing.processes import S3

BUCKET = "discards-tests"


@pytest.fixture(scope="module")
def own_settings(settings_for: MakeSettings, s3: S3) -> Settings:
    made: Settings = settings_for(Settings, api.__file__, s3_endpoint=s3.url)
    return made


@pytest_asyncio.fixture
async def blobs(own_settings: Settings) -> AsyncIterator[Blobs]:
    blobs = Blobs(own_settings)
    await blobs.ensure_bucket(BUCKET)
    yield blobs
    await blobs.close()


@pytest_asyncio.fixture
async def own_database(own_settings: Settings) -> AsyncIterator[Database]:
    database = Database(own_settings.database_url)
    yield database
    await database.close()


async def waiting(database: Database) -> int:
    async with database.read() as db:
        return await db.scalar(select(func.count()).select_from(Discard)) or 0


async def test_what_is_due_goes_and_what_is_not_stays(own_database: Database, blobs: Blobs) -> None:
    folder = new_id().hex
    for name in ("now", "later", "kept", "all/1", "all/2", "allow"):
        await blobs.put(BUCKET, f"{folder}/{name}", b"x", content_type="text/plain")
    async with own_database.write() as db:
        service.discard(db, BUCKET, f"{folder}/now")
        service.discard(db, BUCKET, f"{folder}/all/")
        service.discard(db, BUCKET, f"{folder}/never-was")
        service.discard(db, BUCKET, f"{folder}/later", after=timedelta(minutes=1))
    assert await Discarder(own_database, blobs).sweep() == 3
    left = [blob.key.removeprefix(f"{folder}/") for blob in await blobs.find(BUCKET, f"{folder}/")]
    assert left == ["allow", "kept", "later"]


async def test_a_note_that_is_taken_back_deletes_nothing(own_database: Database, blobs: Blobs) -> None:
    key = new_id().hex
    await blobs.put(BUCKET, key, b"x", content_type="text/plain")
    async with own_database.write() as db:
        note = service.discard(db, BUCKET, key)
    async with own_database.write() as db:
        assert await service.keep(db, note)
        assert not await service.keep(db, note)
    await Discarder(own_database, blobs).sweep()
    assert await blobs.get(BUCKET, key) == b"x"


async def test_a_note_is_not_taken_back_once_its_objects_begin_to_go(
    own_database: Database, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, delete = new_id().hex, blobs.delete
    await blobs.put(BUCKET, key, b"x", content_type="text/plain")
    async with own_database.write() as db:
        note = service.discard(db, BUCKET, key)
    kept = []

    async def late(bucket: str, name: str) -> None:
        async with own_database.write() as db:
            kept.append(await service.keep(db, note))
        await delete(bucket, name)

    monkeypatch.setattr(blobs, "delete", late)
    await Discarder(own_database, blobs).sweep()
    assert kept == [False]
    assert await Discarder(own_database, blobs).sweep() == 0
    assert await blobs.find(BUCKET, key) == []


async def test_a_note_that_is_taken_back_after_it_was_found_due_deletes_nothing(
    own_database: Database, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, due = new_id().hex, queries.due
    await blobs.put(BUCKET, key, b"x", content_type="text/plain")
    async with own_database.write() as db:
        note = service.discard(db, BUCKET, key)
    kept = []

    async def overtaken(db: AsyncSession, **wanted: Any) -> Any:
        found = await due(db, **wanted)
        if found:
            async with own_database.write() as other:
                kept.append(await service.keep(other, note))
        return found

    monkeypatch.setattr(queries, "due", overtaken)
    assert await Discarder(own_database, blobs).sweep() == 0
    assert kept == [True]
    assert await blobs.get(BUCKET, key) == b"x"


async def test_a_transaction_that_fails_discards_nothing(own_database: Database, blobs: Blobs) -> None:
    key = new_id().hex
    await blobs.put(BUCKET, key, b"x", content_type="text/plain")

    async def fail() -> None:
        async with own_database.write() as db:
            service.discard(db, BUCKET, key)
            await db.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    await Discarder(own_database, blobs).sweep()
    assert await blobs.get(BUCKET, key) == b"x"


async def test_notes_wait_for_a_storage_that_is_away(
    own_database: Database, blobs: Blobs, own_settings: Settings, settings_for: MakeSettings
) -> None:
    key = new_id().hex
    await blobs.put(BUCKET, key, b"x", content_type="text/plain")
    async with own_database.write() as db:
        service.discard(db, BUCKET, key)
    before = await waiting(own_database)
    nowhere = Blobs(settings_for(Settings, api.__file__, database_url=own_settings.database_url))
    with pytest.raises(BlobsUnavailable):
        await Discarder(own_database, nowhere).sweep()
    await nowhere.close()
    assert await waiting(own_database) == before
    await Discarder(own_database, blobs).sweep()
    assert await waiting(own_database) < before


async def test_it_goes_on_by_itself_and_makes_the_buckets_that_it_is_told_of(
    own_database: Database, blobs: Blobs
) -> None:
    bucket, key = f"discards-{new_id().hex[:8]}", new_id().hex
    discarder = Discarder(own_database, blobs, buckets=[bucket])
    await discarder.start()
    try:

        async def is_there() -> bool:
            try:
                await blobs.put(bucket, key, b"x", content_type="text/plain")
            except BlobMissing:
                return False
            return True

        await eventually(is_there)
        async with own_database.write() as db:
            service.discard(db, bucket, key)

        async def is_gone() -> bool:
            return await blobs.find(bucket, key) == []

        await eventually(is_gone)
    finally:
        await discarder.stop()
