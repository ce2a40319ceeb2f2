"""Every SELECT of roles."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from admin.roles.models import RolePermission


async def all_permissions(db: AsyncSession) -> list[tuple[str, str]]:
    """Every pair of a role and a permission that it has."""
    rows = await db.execute(select(RolePermission.role, RolePermission.permission))
    return [(role, permission) for role, permission in rows]
