"""What the routes of API keys take and give."""

from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from common.schemas import Command, Schema

KeyScope = Literal["resumes:read", "resumes:write", "account:read", "account:write", "render:write"]
"""What a key may be given. Never `platform`, with which it could make other keys or change the password."""
SCOPES: tuple[KeyScope, ...] = get_args(KeyScope)

_PRINTED = r"[^\x00-\x1f\x7f]"
KeyName = Annotated[
    str,
    Meta(
        max_length=100,
        pattern=rf"^{_PRINTED}*[^\s\x00-\x1f\x7f]{_PRINTED}*$(?!\n)",
        description="What it is for, in its owner's words",
        examples=["Build of my site"],
    ),
]


class ApiKeyCreate(Command, frozen=True, kw_only=True):
    """`expiresAt` is at most 365 days ahead: in 90 days if it is left out, and never if it is null."""

    name: KeyName
    scopes: Annotated[list[KeyScope], Meta(min_length=1, max_length=20, examples=[["resumes:read"]])]
    expires_at: Annotated[datetime, Meta(tz=True)] | UnsetType | None = UNSET


class ApiKeyRead(Schema):
    """A key as its owner sees it: `hint` are its last characters. `lastUsedAt` is true to some ten minutes."""

    id: UUID
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


class ApiKeyCreated(ApiKeyRead, kw_only=True):
    """A new key. `key` is shown this once and stored nowhere."""

    key: str
