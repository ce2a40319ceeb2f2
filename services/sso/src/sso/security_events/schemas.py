"""What the trail of an account shows its owner."""

from datetime import datetime
from uuid import UUID

from common.schemas import Schema
from sso.security_events.models import SecurityEvent
from sso.sessions import agents


class SecurityEventRead(Schema, kw_only=True):
    """Something that happened to the account: `kind` is a noun and what became of it (`session.ended`)."""

    id: UUID
    kind: str
    at: datetime
    ip: str
    browser: str
    os: str
    session_id: UUID | None = None
    details: dict[str, str]


def described(event: SecurityEvent) -> SecurityEventRead:
    agent = agents.parse(event.user_agent)
    return SecurityEventRead(
        id=event.id,
        kind=event.kind,
        at=event.at,
        ip=event.ip,
        browser=agent.browser,
        os=agent.os,
        session_id=event.session_id,
        details=event.details,
    )
