"""Telling every service, through the outbox, that a session or a token is no longer good (CONTRACTS 8)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.outbox import emit
from common.streams import AUTH_TOKENS

DAY = 24 * 3600
_PREFIX = (AUTH_TOKENS.subjects or [""])[0].removesuffix(">")


def revoke_session(db: AsyncSession, session_id: UUID) -> None:
    """No access token of this session is accepted any more, anywhere, as soon as this transaction has committed."""
    _put(db, f"revoked.{session_id}", ttl=30 * DAY)


def revoke_token(db: AsyncSession, token_id: str) -> None:
    """The same for one access token, by its `jti`."""
    _put(db, f"blacklist.{token_id}", ttl=DAY)


def _put(db: AsyncSession, key: str, *, ttl: int) -> None:
    emit(db, _PREFIX + key, b"1", headers={"Nats-TTL": str(ttl)})
