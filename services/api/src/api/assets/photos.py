"""Photos of people: a document names an upload of its owner's as its picture (`basics.image` is `asset:{id}`)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.assets import queries
from api.assets.problems import AssetNotFound
from api.assets.stored import BUCKET, File
from common.contracts.versions import StoredPhoto

SCHEME = "asset:"
_SIZE = "medium"
"""512 pixels: 290 to the inch at the largest that a photo is printed."""


async def of_basics(db: AsyncSession, basics: Any, *, owner_id: UUID) -> StoredPhoto | None:
    """The photo that the `basics` of a document name, if they name one and it is there."""
    image = basics.get("image") if isinstance(basics, Mapping) else None
    if not isinstance(image, str) or not image.startswith(SCHEME):
        return None
    try:
        return await get(db, UUID(image.removeprefix(SCHEME)), owner_id=owner_id)
    except (ValueError, AssetNotFound):
        return None


async def get(db: AsyncSession, asset_id: UUID, *, owner_id: UUID) -> StoredPhoto:
    """Raises AssetNotFound, also for what is no picture or is not ready."""
    asset = await queries.find(db, asset_id, owner_id=owner_id)
    if asset is None or asset.kind != "image" or asset.status != "ready":
        raise AssetNotFound
    files = msgspec.convert(asset.files, list[File])
    file = next(file for file in files if file.name == _SIZE)
    return StoredPhoto(bucket=BUCKET, key=file.key, width=file.width or 0, height=file.height or 0)
