"""From an upload to an asset: claimed by one attempt, looked at, made anew, stored, and only then ready.

Nothing but the transaction that still has the claim decides what becomes of an asset. An attempt that dies leaves a claim
that runs out, and a note by which its objects are deleted.
"""

import asyncio
import time
from datetime import timedelta
from functools import partial
from uuid import UUID

import msgspec
import structlog

from api.assets import documents, images, queries
from api.assets import service as assets
from api.assets.models import Asset
from api.assets.problems import (
    BeingCompleted,
    NoRoom,
    NotUploaded,
    SizeMismatch,
    UploadRefused,
    refusal,
)
from api.assets.stored import BUCKET, File, folder, upload_key
from api.assets.workshop import Workshop
from api.discards import service as discards
from api.settings import Settings
from common.blobs import BlobMissing, Blobs, BlobsUnavailable, BlobTooLarge
from common.db import Database
from common.ids import new_id, now
from common.problems import Unavailable

log = structlog.get_logger()

CLAIMED_FOR = timedelta(seconds=60)
ORPHANED_AFTER = timedelta(hours=1)
LONGEST_WAIT = 30.0
_LOOK_EVERY = 0.1


class _Lost(Exception):
    """The asset was deleted meanwhile, or another attempt has it: ours took too long."""


class Attempt(msgspec.Struct, frozen=True):
    """One go at an asset: `claim` is the note that discards what lies in `folder`, unless the asset becomes ready."""

    asset: Asset
    claim: UUID
    folder: str


class Completer:
    def __init__(self, database: Database, blobs: Blobs, settings: Settings, workshop: Workshop) -> None:
        self._database, self._blobs, self._settings, self._workshop = database, blobs, settings, workshop

    async def complete(self, asset_id: UUID, *, owner_id: UUID, crop: images.Crop | None) -> Asset:
        """The asset, once it is ready. Calls that come while another one is at it wait for its outcome.

        Raises AssetNotFound, NotUploaded, UploadRefused, CropOutOfBounds, BeingCompleted, Unavailable.
        """
        end = time.monotonic() + LONGEST_WAIT
        while True:
            async with self._database.read() as db:
                asset = await assets.get(db, asset_id, owner_id=owner_id)
            if asset.status == "ready":
                return asset
            if asset.status == "refused":
                raise refusal(asset.error)
            if asset.claimed_until is None or asset.claimed_until < now():
                async with self._workshop.place():
                    if attempt := await self._claim(asset):
                        await self._go(attempt, crop)
                        continue
            if time.monotonic() > end:
                raise BeingCompleted(headers={"Retry-After": "5"})
            await asyncio.sleep(_LOOK_EVERY)

    async def _claim(self, asset: Asset) -> Attempt | None:
        """An attempt of our own, with a note for what it will store; None if another one was faster."""
        place = folder(asset.owner_id, asset.id, asset.kind, new_id())
        async with self._database.write() as db:
            claim = discards.discard(db, BUCKET, place, after=ORPHANED_AFTER)
            await db.flush()
            if await queries.claim(db, asset.id, claim=claim, now=now(), until=now() + CLAIMED_FOR):
                return Attempt(asset, claim, place)
            await discards.keep(db, claim)
            return None

    async def _go(self, attempt: Attempt, crop: images.Crop | None) -> None:
        try:
            data = await self._fetch(attempt.asset)
            files = await self._store(
                attempt, await self._workshop.run(partial(_make, attempt.asset, data, crop))
            )
            await self._finish(attempt, files)
        except UploadRefused as error:
            await self._refuse(attempt, error)
            raise
        except _Lost:
            await self._discard(attempt.folder)
        except BlobsUnavailable as error:
            await self._release(attempt)
            raise Unavailable("The storage is away right now; try again shortly.") from error
        except Exception:
            await self._release(attempt)
            raise

    async def _fetch(self, asset: Asset) -> bytes:
        try:
            data = await self._blobs.get(BUCKET, upload_key(asset.owner_id, asset.id), most=asset.size)
        except BlobMissing as error:
            raise NotUploaded("Send it to the address that was given first.") from error
        except BlobTooLarge as error:
            raise SizeMismatch from error
        if len(data) != asset.size:
            raise SizeMismatch(f"It has {len(data)} bytes, not {asset.size}.")
        return data

    async def _store(self, attempt: Attempt, made: list[images.Picture]) -> list[File]:
        """Put what was made into the storage, each of the same data once."""
        stored: dict[int, File] = {}
        files = []
        for number, picture in enumerate(made):
            known = stored.get(id(picture.data))
            if known is None:
                key = f"{attempt.folder}{number}"
                await self._blobs.put(BUCKET, key, picture.data, content_type=picture.content_type)
                known = stored[id(picture.data)] = File(
                    name=picture.name,
                    key=key,
                    content_type=picture.content_type,
                    size=len(picture.data),
                    width=picture.width or None,
                    height=picture.height or None,
                )
            files.append(msgspec.structs.replace(known, name=picture.name))
        return files

    async def _finish(self, attempt: Attempt, files: list[File]) -> None:
        """Make the asset ready, if it is still ours to make and there is room for what came of it."""
        asset, size = attempt.asset, sum({file.key: file.size for file in files}.values())
        async with self._database.write() as db:
            await queries.hold_usage(db, asset.owner_id)
            taken, _ = await queries.usage(db, asset.owner_id, but=asset.id)
            if taken + size > self._settings.assets_total_size:
                raise NoRoom(
                    f"{taken} of {self._settings.assets_total_size} bytes are taken, {size} more are needed."
                )
            is_ours = await queries.settle(
                db, asset.id, claim=attempt.claim, status="ready", size=size, files=msgspec.to_builtins(files)
            )
            if not is_ours or not await discards.keep(db, attempt.claim):
                raise _Lost
            discards.discard(db, BUCKET, upload_key(asset.owner_id, asset.id))

    async def _refuse(self, attempt: Attempt, error: UploadRefused) -> None:
        log.info("upload_refused", asset_id=str(attempt.asset.id), code=error.code)
        async with self._database.write() as db:
            values = {"status": "refused", "error": error.code}
            if await queries.settle(db, attempt.asset.id, claim=attempt.claim, **values):
                discards.discard(db, BUCKET, upload_key(attempt.asset.owner_id, attempt.asset.id))
            discards.discard(db, BUCKET, attempt.folder)

    async def _discard(self, place: str) -> None:
        async with self._database.write() as db:
            discards.discard(db, BUCKET, place)

    async def _release(self, attempt: Attempt) -> None:
        """Let another attempt begin at once; what this one stored goes when its note is due."""
        async with self._database.write() as db:
            await queries.settle(db, attempt.asset.id, claim=attempt.claim)


def _make(asset: Asset, data: bytes, crop: images.Crop | None) -> list[images.Picture]:
    """What is to be stored of an upload. Blocks."""
    if asset.kind == "image":
        return images.render(data, asset.content_type, crop)
    documents.check(data, asset.content_type)
    return [images.Picture("original", 0, 0, asset.content_type, data)]
