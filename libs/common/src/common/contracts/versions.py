"""What the api gives the processor to render."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class SectionStyle(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How a member of the document that is a section is set: `kind` says what its items are like, `title` replaces the
    usual words for that kind, `columns` (1 to 4) is how many items stand beside each other."""

    name: str
    kind: str
    title: str | None = None
    columns: int = 1
    page_break_before: bool = False
    keep_together: bool = False


class StoredPhoto(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A picture that its owner uploaded, as the platform encoded it: where it lies, and its size in pixels.

    An object's content never changes, so its key stands for it.
    """

    bucket: str
    key: str
    width: int
    height: int


class FrozenVersion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `GET /internal/versions/{id}`: an immutable snapshot without what its owner hides.

    `sha256` names all that the version holds, `sections` tells how the document's sections are set, in their order.
    `photo` is the upload that `basics.image` names (`asset:{id}`), if it does.
    """

    id: UUID
    sha256: str
    title: str
    language: str
    content: dict[str, Any]
    sections: list[SectionStyle] = []
    kind: str = "resume"
    created_at: datetime | None = None
    photo: StoredPhoto | None = None
