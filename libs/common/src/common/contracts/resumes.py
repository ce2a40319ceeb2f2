"""What the api tells staff of resumes, and what staff may do to one."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from common.schemas import NO_NULLS


class ResumeRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A resume as staff see it in a list: nothing of what it says but its title. `takenDownFor` is the reason."""

    id: UUID
    owner_id: UUID
    kind: str
    title: str
    language: str
    links: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    taken_down_at: datetime | None = None
    taken_down_for: str | None = None


class ResumeContent(ResumeRecord, frozen=True, kw_only=True):
    """The body of `GET /internal/resumes/{id}`: a resume with what visitors of its links see."""

    content: dict[str, Any]


class ResumePage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `GET /internal/resumes`."""

    items: list[ResumeRecord]
    next_cursor: str | None = None


class ResumeTakedown(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `PATCH /internal/resumes/{id}`: nobody but its owner sees a resume that is taken down, who is told
    the reason."""

    is_taken_down: bool
    reason: Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NULLS)] = ""
