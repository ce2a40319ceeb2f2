"""What a verified e-mail address changes in its account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.users.models import User


async def mark_verified(db: AsyncSession, user_id: UUID, email_key: str, *, at: datetime) -> bool:
    """Whether the account still has the address that was verified."""
    marked = await db.execute(
        update(User)
        .where(User.id == user_id, User.email_key == email_key)
        .values(email_verified_at=at)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return marked.first() is not None
