"""The rules of assets: what may be uploaded, what is there, and what becomes of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.assets import queries, types
from api.assets.models import Asset
from api.assets.problems import AssetNotFound, FileTooLarge, QuotaExceeded, TypeNotAllowed
from api.assets.schemas import (
    AssetDetail,
    AssetPresign,
    AssetPresigned,
    AssetRead,
    Limits,
    UploadRead,
    Usage,
    Variant,
)
from api.assets.stored import BUCKET, File, upload_key
from api.discards import service as discards
from api.resumes import service as resumes
from api.settings import Settings
from common.blobs import Blobs
from common.ids import new_id
from common.problems import FieldError
from common.schemas import read

ABANDONED_AFTER = timedelta(hours=24)
_SWEPT_AFTER = ABANDONED_AFTER + timedelta(hours=1)


async def presign(
    db: AsyncSession, blobs: Blobs, settings: Settings, *, owner_id: UUID, data: AssetPresign
) -> AssetPresigned:
    """Make room for a file, and an address that takes it and no other.

    Raises TypeNotAllowed, FileTooLarge, QuotaExceeded, ResumeNotFound.
    """
    _check(data, settings)
    if data.resume_id is not None:
        await resumes.get(db, data.resume_id, owner_id=owner_id)
    await queries.hold_usage(db, owner_id)
    total, count = await queries.usage(db, owner_id)
    if count >= settings.assets_count or total + data.size > settings.assets_total_size:
        raise QuotaExceeded(
            f"{total} of {settings.assets_total_size} bytes and {count} of {settings.assets_count} files are taken."
        )
    asset = Asset(id=new_id(), owner_id=owner_id, **msgspec.structs.asdict(data))
    db.add(asset)
    key = upload_key(owner_id, asset.id)
    discards.discard(db, BUCKET, key, after=_SWEPT_AFTER)  # whatever is put there, and whenever
    await db.flush()
    upload = blobs.upload(BUCKET, key, size=data.size, content_type=data.content_type)
    return AssetPresigned(id=asset.id, upload=read(UploadRead, upload))


def _check(data: AssetPresign, settings: Settings) -> None:
    if not types.is_taken(data.kind, data.content_type):
        message = f"Taken as {data.kind}: {', '.join(types.ENDINGS[data.kind])}."
        raise TypeNotAllowed(message, errors=[FieldError("$.contentType", message)])
    if not types.ends_right(data.kind, data.content_type, data.filename):
        message = f"Must end in {' or '.join(types.ENDINGS[data.kind][data.content_type])}."
        raise TypeNotAllowed(message, errors=[FieldError("$.filename", message)])
    most = most_bytes(data.kind, settings)
    if data.size > most:
        message = f"At most {most} bytes are taken."
        raise FileTooLarge(message, errors=[FieldError("$.size", message)])


def most_bytes(kind: str, settings: Settings) -> int:
    return settings.image_size if kind == "image" else settings.document_size


async def get(db: AsyncSession, asset_id: UUID, *, owner_id: UUID) -> Asset:
    asset = await queries.find(db, asset_id, owner_id=owner_id)
    if asset is None:
        raise AssetNotFound
    return asset


async def usage(db: AsyncSession, settings: Settings, *, owner_id: UUID) -> Usage:
    total, count = await queries.usage(db, owner_id)
    limits = Limits(
        image_size=settings.image_size,
        document_size=settings.document_size,
        total_size=settings.assets_total_size,
        count=settings.assets_count,
    )
    return Usage(bytes=total, count=count, limits=limits)


async def delete(db: AsyncSession, asset_id: UUID, *, owner_id: UUID) -> None:
    """Forget an asset, and its objects soon after. Raises AssetNotFound."""
    asset = await get(db, asset_id, owner_id=owner_id)
    discards.discard(db, BUCKET, upload_key(owner_id, asset_id))
    for key in {file.key for file in files(asset)}:
        discards.discard(db, BUCKET, key)
    await db.delete(asset)


def files(asset: Asset) -> list[File]:
    return msgspec.convert(asset.files, list[File])


def shape(blobs: Blobs, asset: Asset) -> AssetRead:
    return AssetRead(**_fields(blobs, asset))


def detail(blobs: Blobs, asset: Asset) -> AssetDetail:
    """The asset with an address for each of its files."""
    variants = [
        Variant(
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            width=file.width,
            height=file.height,
            url=_address(blobs, asset, file),
        )
        for file in files(asset)
    ]
    return AssetDetail(**_fields(blobs, asset), variants=variants)


def _fields(blobs: Blobs, asset: Asset) -> dict[str, Any]:
    same = ("id", "kind", "status", "filename", "content_type", "size", "resume_id", "error", "created_at")
    pictures = [file for file in files(asset) if file.width]
    thumbnail = _address(blobs, asset, pictures[-1]) if pictures else None
    return {name: getattr(asset, name) for name in same} | {"thumbnail_url": thumbnail}


def _address(blobs: Blobs, asset: Asset, file: File) -> str:
    """As an attachment, whatever it is (SECURITY 24); a page can show a picture all the same."""
    stem = asset.filename.rsplit(".", 1)[0]
    ending = "png" if file.content_type == "image/png" else "jpg"
    name = asset.filename if file.name == "original" else f"{stem}-{file.name}.{ending}"
    return blobs.download_url(BUCKET, file.key, file_name=name)
