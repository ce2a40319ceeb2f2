"""Recording security events (SECURITY 27)."""

from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.analytics import AnalyticsEvent, analytics_subject
from common.ids import new_id, now
from common.outbox import emit
from sso.callers import Caller
from sso.security_events.models import SecurityEvent

log = structlog.get_logger()

_COUNTED = frozenset(
    {
        "user.registered",
        "user.deactivated",
        "user.deleted",
        "email.verified",
        "login.succeeded",
        "mfa.enabled",
        "passkey.registered",
        "identity.linked",
        "consent.granted",
        "api_key.created",
        "impersonation.started",
    }
)
"""What operators count over time (ARCHITECTURE 1, analytics): by kind and account, without anything personal."""


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
    if kind in _COUNTED:
        counted = AnalyticsEvent(id=new_id(), at=now(), service="sso", name=kind, user_id=user_id)
        emit(db, analytics_subject("sso"), counted)
    log.info("security_event", kind=kind, user_id=str(user_id or ""), session_id=str(session_id or ""))
