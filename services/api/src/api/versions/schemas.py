"""Versions as they go in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta

from api.resumes.schemas import ResumeRead
from common.schemas import NO_CONTROL_CHARACTERS, Command, Schema

Reason = Literal["manual", "automatic", "export", "share", "restore"]


Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=NO_CONTROL_CHARACTERS,
        examples=["As sent to the Royal Society"],
    ),
]


class VersionCreate(Command, frozen=True, kw_only=True):
    """What to call the version, so that it is found again."""

    name: Name | None = None


class VersionUpdate(Command, frozen=True, kw_only=True):
    """What to call the version; null takes its name away. Versions with a name are kept for good."""

    name: Name | None


class VersionRead(Schema, kw_only=True):
    """An immutable snapshot. `sha256` is that of `{"content": …, "layout": …}` as canonical JSON: keys sorted, UTF-8,
    no spaces. `reason` is why it was made."""

    id: UUID
    resume_id: UUID
    number: int
    name: str | None
    title: str
    language: str
    sha256: str
    reason: Reason
    created_at: datetime


class VersionContent(VersionRead, kw_only=True):
    """A version with what it says, and how that is laid out: its sections in order, what is hidden, the ids of parts."""

    content: dict[str, Any]
    layout: dict[str, Any]


class VersionRestored(Schema, kw_only=True):
    """The resume as it is now, the version that says what it said before (restore that to undo this), and the new
    version that says what it says now; null if it said so already."""

    resume: ResumeRead
    version: VersionRead
    restored: VersionRead | None
