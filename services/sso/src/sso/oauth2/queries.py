"""The statements on the assertions of clients: each is good once (RFC 7523 section 3)."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from sso.clients.models import UsedAssertion


async def use_assertion(db: AsyncSession, jti_sha256: bytes, *, until: datetime) -> bool:
    """Whether nobody has used it before. Of any number that try at once, one gets True."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    used = await db.execute(
        insert(UsedAssertion)
        .values(jti_sha256=jti_sha256, expires_at=until)
        .on_conflict_do_nothing()
        .returning(UsedAssertion.jti_sha256)
    )
    return used.first() is not None


async def forget_assertions(db: AsyncSession, *, at: datetime) -> None:
    """Delete those that have expired, which nobody could use any more."""
    await db.execute(delete(UsedAssertion).where(UsedAssertion.expires_at < at))
