"""What the api gives the processor to render."""

from typing import Any
from uuid import UUID

import msgspec


class FrozenVersion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `GET /internal/versions/{id}`: an immutable snapshot, `sha256` of its canonical JSON."""

    id: UUID
    sha256: str
    title: str
    language: str
    content: dict[str, Any]
