"""Recording security events (SECURITY 27)."""

from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from sso.callers import Caller
from sso.security_events.models import SecurityEvent

log = structlog.get_logger()


def record(
    db: AsyncSession,
    kind: str,
    *,
    user_id: UUID | None,
    caller: Caller,
    session_id: UUID | None = None,
    **details: str,
) -> None:
    """Keep `kind` (`session.started`) in the account's trail and in the log. No secrets in `details`."""
    event = SecurityEvent(
        user_id=user_id,
        session_id=session_id,
        kind=kind,
        ip=caller.ip,
        user_agent=caller.user_agent,
        details=details,
    )
    db.add(event)
    log.info("security_event", kind=kind, user_id=str(user_id or ""), session_id=str(session_id or ""))
