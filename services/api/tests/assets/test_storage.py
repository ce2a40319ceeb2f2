"""RELIABILITY 9: whatever becomes of the storage or of a replica, no row points at an object that is not there, and no
object stays that no row points at."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest_asyncio
from pictures import encoded
from PIL import Image
from sqlalchemy import update
from uploads import announcement, download, empties, keys, send

from api.app import create_app
from api.assets import completing, upkeep
from api.assets.models import Asset
from api.assets.stored import asset_of
from api.discards.models import Discard
from api.discards.service import Discarder
from api.settings import Settings
from common.blobs import Blobs
from common.db import Database
from common.ids import new_id, now
from common.testing.ports import free_port
from common.testing.served import served

PATH = "/api/v1/assets"
PNG = encoded(Image.new("RGB", (700, 350), "red"), "PNG")


@pytest_asyncio.fixture
async def cut_off(asset_settings: Settings, stored: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A replica that cannot reach the storage."""
    nowhere = msgspec.structs.replace(asset_settings, s3_endpoint=f"http://127.0.0.1:{free_port()}")
    async with served(create_app(nowhere)) as client:
        yield client


async def change(rows: Database, asset_id: str, **values: Any) -> None:
    async with rows.write() as db:
        await db.execute(update(Asset).where(Asset.id == UUID(asset_id)).values(**values))


async def test_while_the_storage_is_away_nothing_is_decided(
    stored: httpx.AsyncClient, cut_off: httpx.AsyncClient, owner: dict[str, str], upload: Any
) -> None:
    path = await upload(PNG)
    answer = await cut_off.post(f"{path}/complete", headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert "retry-after" in answer.headers
    assert (await cut_off.get(path, headers=owner)).json()["status"] == "pending"
    assert (await stored.post(f"{path}/complete", headers=owner)).status_code == 200


async def test_what_is_deleted_while_the_storage_is_away_goes_when_it_is_back(
    stored: httpx.AsyncClient,
    cut_off: httpx.AsyncClient,
    owner: dict[str, str],
    owner_id: UUID,
    take: Any,
    blobs: Blobs,
) -> None:
    asset = (await take(PNG)).json()
    assert (await cut_off.delete(f"{PATH}/{asset['id']}", headers=owner)).status_code == 204
    for client in (stored, cut_off):
        assert (await client.get(f"{PATH}/{asset['id']}", headers=owner)).status_code == 404
    await empties(blobs, owner_id)  # by the replica that reaches it
    assert (await download(asset["variants"][0]["url"])).status_code == 404


async def test_an_attempt_that_died_holds_nothing_up_and_leaves_nothing(
    stored: httpx.AsyncClient,
    owner: dict[str, str],
    owner_id: UUID,
    upload: Any,
    blobs: Blobs,
    rows: Database,
) -> None:
    path = await upload(PNG)
    asset_id = path.rsplit("/", 1)[1]
    note = Discard(
        id=new_id(),
        bucket="resume-assets",
        key=f"users/{owner_id}/images/{asset_id}/{new_id().hex}/",
        due_at=now() + timedelta(hours=1),
    )
    async with rows.write() as db:
        db.add(note)
    await blobs.put(note.bucket, f"{note.key}0", b"half", content_type="image/jpeg")
    await change(rows, asset_id, claim=note.id, claimed_until=now() - timedelta(seconds=1))

    assert (await stored.post(f"{path}/complete", headers=owner)).status_code == 200
    assert f"{note.key}0" in await keys(blobs, owner_id)
    async with rows.write() as db:
        await db.execute(update(Discard).where(Discard.id == note.id).values(due_at=now()))
    await empties(blobs, owner_id, wanted=3)
    for variant in (await stored.get(path, headers=owner)).json()["variants"]:
        assert (await download(variant["url"])).status_code == 200


async def test_whoever_lost_the_claim_changes_nothing(
    stored: httpx.AsyncClient,
    twin: httpx.AsyncClient,
    owner: dict[str, str],
    owner_id: UUID,
    upload: Any,
    blobs: Blobs,
    rows: Database,
    monkeypatch: Any,
) -> None:
    path = await upload(PNG)
    started, go_on = asyncio.Event(), asyncio.Event()
    store = completing.Completer._store

    async def slow(self: Any, attempt: Any, made: Any) -> Any:
        files = await store(self, attempt, made)
        if not started.is_set():
            started.set()
            await go_on.wait()
        return files

    monkeypatch.setattr(completing.Completer, "_store", slow)
    first = asyncio.create_task(stored.post(f"{path}/complete", headers=owner))
    await started.wait()
    await change(rows, path.rsplit("/", 1)[1], claimed_until=now() - timedelta(seconds=1))
    second = await twin.post(f"{path}/complete", headers=owner)
    go_on.set()
    assert (second.status_code, (await first).status_code) == (200, 200)
    assert [v["size"] for v in (await first).json()["variants"]] == [
        v["size"] for v in second.json()["variants"]
    ]
    await empties(blobs, owner_id, wanted=3)
    for variant in (await first).json()["variants"]:
        assert (await download(variant["url"])).status_code == 200


async def test_what_is_deleted_while_it_is_completed_is_gone(
    stored: httpx.AsyncClient,
    twin: httpx.AsyncClient,
    owner: dict[str, str],
    owner_id: UUID,
    upload: Any,
    blobs: Blobs,
    monkeypatch: Any,
) -> None:
    path = await upload(PNG)
    store = completing.Completer._store

    async def store_then_delete(self: Any, attempt: Any, made: Any) -> Any:
        files = await store(self, attempt, made)
        assert (await twin.delete(path, headers=owner)).status_code == 204
        return files

    monkeypatch.setattr(completing.Completer, "_store", store_then_delete)
    assert (await stored.post(f"{path}/complete", headers=owner)).status_code == 404
    await empties(blobs, owner_id)


async def test_a_file_that_is_sent_after_the_end_is_swept(
    stored: httpx.AsyncClient, owner: dict[str, str], owner_id: UUID, blobs: Blobs, rows: Database
) -> None:
    made = (await stored.post(f"{PATH}/presign", json=announcement(PNG), headers=owner)).json()
    await stored.delete(f"{PATH}/{made['id']}", headers=owner)
    assert await send(made["upload"], PNG) == 200
    key = f"users/{owner_id}/uploads/{made['id']}"
    async with rows.write() as db:
        await db.execute(update(Discard).where(Discard.key == key).values(due_at=now()))
    await empties(blobs, owner_id)


async def test_uploads_that_are_not_completed_within_a_day_are_forgotten(
    stored: httpx.AsyncClient,
    owner: dict[str, str],
    owner_id: UUID,
    upload: Any,
    blobs: Blobs,
    rows: Database,
) -> None:
    old, new = await upload(PNG), await upload(PNG)
    await change(rows, old.rsplit("/", 1)[1], created_at=now() - timedelta(hours=25))
    assert await upkeep.forget_abandoned(rows) >= 1
    assert (await stored.get(old, headers=owner)).status_code == 404
    assert (await stored.get(new, headers=owner)).status_code == 200
    await empties(blobs, owner_id, wanted=1)


async def test_objects_that_no_asset_knows_are_deleted_once_they_are_old(
    owner: dict[str, str], owner_id: UUID, take: Any, blobs: Blobs, rows: Database
) -> None:
    known = (await take(PNG)).json()
    await empties(blobs, owner_id, wanted=3)
    lost = f"users/{owner_id}/images/{new_id()}/{new_id().hex}/0"
    strange = f"users/{owner_id}/somebody-put-this-here"
    for key in (lost, strange):
        await blobs.put("resume-assets", key, b"x", content_type="image/png")
    assert await upkeep.delete_lost(rows, blobs) == 0, "it may belong to what is being made"
    assert lost in await keys(blobs, owner_id)
    assert await upkeep.delete_lost(rows, blobs, older_than=timedelta(seconds=-5)) == 1
    left = await keys(blobs, owner_id)
    assert lost not in left
    assert strange in left
    assert sum(asset_of(key) == UUID(known["id"]) for key in left) == 3


async def test_what_is_ready_outlives_every_note_that_was_made_on_the_way(
    owner_id: UUID, take: Any, blobs: Blobs, rows: Database
) -> None:
    asset = (await take(PNG)).json()
    async with rows.write() as db:
        await db.execute(
            update(Discard).where(Discard.key.startswith(f"users/{owner_id}/")).values(due_at=now())
        )
    await empties(blobs, owner_id, wanted=3)
    await Discarder(rows, blobs).sweep()
    for variant in asset["variants"]:
        assert (await download(variant["url"])).status_code == 200
