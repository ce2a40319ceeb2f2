"""What staff do with templates that are everybody's is told to the platform, and stands in the log (SECURITY 27)."""

from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.templates import TemplateEvent, template_event_subject
from common.ids import now
from common.outbox import emit
from processor.uploads.models import Upload

log = structlog.get_logger()


def tell(db: AsyncSession, verb: Literal["published", "retired"], row: Upload, *, actor_id: UUID) -> None:
    """In the transaction that does it."""
    event = TemplateEvent(
        actor_id=actor_id,
        template_id=row.template_id,
        version=row.version,
        owner_id=row.owner_id,
        sha256=row.sha256,
        at=now(),
    )
    emit(db, template_event_subject(verb), event)
    action, who = f"template.{verb}", str(actor_id)
    log.info("staff_acted", action=action, actor_id=who, template_id=row.template_id, version=row.version)
