"""Every SELECT of staff."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from admin.staff.models import AdminUser


async def find(db: AsyncSession, *, user_id: UUID) -> AdminUser | None:
    return await db.get(AdminUser, user_id)
