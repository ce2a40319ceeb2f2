"""Every SELECT on templates. The catalogue belongs to nobody, so there is no owner in these."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.templates.models import Template


async def newest(db: AsyncSession) -> Sequence[Template]:
    """The newest version of every template, by id."""
    last = select(Template.id, func.max(Template.version).label("version")).group_by(Template.id).subquery()
    rows = await db.scalars(
        select(Template)
        .join(last, (Template.id == last.c.id) & (Template.version == last.c.version))
        .order_by(Template.id)
    )
    return rows.all()


async def find(db: AsyncSession, template_id: str, version: int | None) -> Template | None:
    """That version of a template; its newest if none is named."""
    wanted = select(Template).where(Template.id == template_id)
    if version is not None:
        wanted = wanted.where(Template.version == version)
    return await db.scalar(wanted.order_by(Template.version.desc()).limit(1))


async def versions(db: AsyncSession, template_id: str) -> Sequence[int]:
    """All versions of a template, newest first."""
    rows = await db.scalars(
        select(Template.version).where(Template.id == template_id).order_by(Template.version.desc())
    )
    return rows.all()
