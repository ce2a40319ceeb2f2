"""Jobs as they go out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from common.contracts.jobs import JobState
from common.schemas import Schema


class JobRead(Schema, kw_only=True):
    """Where a job stands: `stage` says what it is doing, `error` why its last attempt failed, `runAt` when it goes on if it
    is `scheduled` or `retrying`."""

    id: UUID
    kind: str
    state: JobState
    progress: Annotated[float, Meta(ge=0, le=1)]
    stage: str
    attempt: int
    error: str | None
    run_at: datetime | None
    result: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
