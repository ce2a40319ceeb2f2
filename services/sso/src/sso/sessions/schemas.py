"""What the session routes take and give."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from common.schemas import Command, Schema
from sso.fields import Token
from sso.sessions import agents
from sso.sessions.models import Session


class Tokens(Schema, kw_only=True):
    """A fresh pair. `expiresIn` are the seconds of the access token; with a cookie there is no `refreshToken`."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 (the name of a scheme, RFC 6750)
    expires_in: int
    refresh_token: str | UnsetType = UNSET


class MfaRequired(Schema, kw_only=True):
    """The first factor was right. `POST /auth/login/mfa` takes `challengeToken` with one of `methods`, for 10 minutes."""

    mfa_required: Literal[True] = True
    challenge_token: str
    methods: list[str]


class RefreshRequest(Command, frozen=True, kw_only=True):
    """The refresh token, unless it comes as a cookie."""

    refresh_token: Token | None = None
    use_cookie: bool = False


class SessionRead(Schema):
    """A device that is signed in, with us or, by `clientId`, with an app; `impersonated` if it is our support's."""

    id: UUID
    client_id: str
    impersonated: bool
    device: str
    browser: str
    os: str
    ip: str
    created_at: datetime
    last_active: datetime
    current: bool


def described(session: Session, *, current: str = "") -> SessionRead:
    """`session` as its owner sees it; `current` is the id of the one that asks."""
    agent = agents.parse(session.user_agent)
    return SessionRead(
        id=session.id,
        client_id=session.client_id,
        impersonated=session.impersonator_id is not None,
        device=agent.device,
        browser=agent.browser,
        os=agent.os,
        ip=session.ip,
        created_at=session.created_at,
        last_active=session.last_active_at,
        current=str(session.id) == current,
    )
