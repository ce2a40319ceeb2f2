"""Where the files of assets lie in the storage."""

from uuid import UUID

import msgspec

BUCKET = "resume-assets"
ROOT = "users/"


class File(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An object of an asset: a size of a picture, or a document as it was sent (`original`)."""

    name: str
    key: str
    content_type: str
    size: int
    width: int | None = None
    height: int | None = None


def upload_key(owner_id: UUID, asset_id: UUID) -> str:
    """Where the browser puts the file; nobody is ever given it from there."""
    return f"{ROOT}{owner_id}/uploads/{asset_id}"


def folder(owner_id: UUID, asset_id: UUID, kind: str, attempt: UUID) -> str:
    """Where one attempt to make an asset ready puts its objects; no two attempts share a key."""
    return f"{ROOT}{owner_id}/{kind}s/{asset_id}/{attempt.hex}/"


def asset_of(key: str) -> UUID | None:
    """The asset whose object has this key; None if it is no key of ours."""
    parts = key.removeprefix(ROOT).split("/")
    try:
        return UUID(parts[2])
    except (IndexError, ValueError):
        return None
