"""Assets as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from api.assets.types import Kind
from common.schemas import Command, Schema

Status = Literal["pending", "ready", "refused"]
FileName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=255,
        pattern=r"^[^\x00-\x1f\x7f/\\]*$(?!\n)",
        description="Without folders; its ending must be that of the type",
        examples=["ada.png"],
    ),
]
Pixels = Annotated[int, Meta(ge=0, le=100_000)]
Side = Annotated[int, Meta(ge=1, le=100_000)]


class AssetPresign(Command, frozen=True, kw_only=True):
    """A file that is to be uploaded. `size` in bytes is what it will have, exactly."""

    kind: Kind
    filename: FileName
    content_type: Annotated[str, Meta(max_length=127, examples=["image/png"])]
    size: Annotated[int, Meta(ge=1, le=2**40, examples=[1024])]
    resume_id: UUID | None = None


class CropWanted(Command, frozen=True, kw_only=True):
    """A part of the upright picture, in its pixels."""

    x: Pixels
    y: Pixels
    width: Side
    height: Side


class AssetComplete(Command, frozen=True, kw_only=True):
    crop: CropWanted | None = None


class UploadRead(Schema, kw_only=True):
    """The request that uploads the file, to the storage itself. The headers belong to the signature."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: datetime


class AssetPresigned(Schema, kw_only=True):
    id: UUID
    upload: UploadRead


class AssetRead(Schema, kw_only=True):
    """An asset. `size` is what it takes of the quota, `error` the code that it was refused with.

    `thumbnailUrl` gives the smallest size of a picture to whoever holds it, for 15 minutes.
    """

    id: UUID
    kind: Kind
    status: Status
    filename: str
    content_type: str
    size: int
    resume_id: UUID | None
    error: str | None
    created_at: datetime
    thumbnail_url: str | None


class Variant(Schema, kw_only=True):
    """One size of a picture (`large`, `medium`, `small`), or a document as it was sent (`original`).

    `url` gives it to whoever holds it, as a download, for 15 minutes.
    """

    name: str
    content_type: str
    size: int
    width: int | None
    height: int | None
    url: str


class AssetDetail(AssetRead, kw_only=True):
    variants: list[Variant]


class Limits(Schema, kw_only=True):
    """In bytes, but for `count`."""

    image_size: int
    document_size: int
    total_size: int
    count: int


class Usage(Schema, kw_only=True):
    """What somebody's assets take up, uploads that are announced among them."""

    bytes: int
    count: int
    limits: Limits
