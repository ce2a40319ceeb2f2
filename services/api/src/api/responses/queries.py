"""Every statement on generations."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from api.responses.models import Generation
from common.ids import new_id

FIRST = "first"
_NEXT = text(
    "INSERT INTO generations (scope, token) VALUES (:scope, :token) "
    "ON CONFLICT (scope) DO UPDATE SET token = excluded.token"
)


async def current(db: AsyncSession, scope: str) -> str:
    return await db.scalar(select(Generation.token).where(Generation.scope == scope)) or FIRST


def advance(db: Session, scope: str) -> None:
    """Begin a generation of `scope`; on PostgreSQL others that change the same wait from here to the commit."""
    db.execute(_NEXT, {"scope": scope, "token": new_id().hex})
