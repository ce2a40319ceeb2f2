"""Every SELECT on templates: of those that are somebody's alone, only that user is shown any."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.templates.models import Template


def _seen_by(user_id: UUID | None) -> Select[Template]:
    """What is everybody's, and what is this user's if there is one."""
    return select(Template).where(or_(Template.owner_id.is_(None), Template.owner_id == user_id))


async def newest(db: AsyncSession, *, user_id: UUID) -> Sequence[Template]:
    """The newest version of every template that is offered to a user, by id."""
    offered = _seen_by(user_id).where(Template.retired_at.is_(None))
    last = (
        offered.with_only_columns(Template.id, func.max(Template.version).label("version"))
        .group_by(Template.id)
        .subquery()
    )
    rows = await db.scalars(
        select(Template)
        .join(last, (Template.id == last.c.id) & (Template.version == last.c.version))
        .order_by(Template.id)
    )
    return rows.all()


# Built once: every export, and every change of a resume's look, asks for one of them.
_OF_USER = (
    select(Template)
    .where(
        or_(Template.owner_id.is_(None), Template.owner_id == bindparam("user")),
        Template.id == bindparam("template"),
    )
    .order_by(Template.version.desc())
    .limit(1)
)
_NEWEST_OFFERED = _OF_USER.where(Template.retired_at.is_(None))
_OF_VERSION = _OF_USER.where(Template.version == bindparam("wanted"))


async def find(db: AsyncSession, template_id: str, version: int | None, *, user_id: UUID) -> Template | None:
    """That version of a template, also a retired one; its newest that is offered if none is named."""
    whose = {"template": template_id, "user": user_id}
    if version is None:
        return await db.scalar(_NEWEST_OFFERED, whose)
    return await db.scalar(_OF_VERSION, whose | {"wanted": version})


async def published(db: AsyncSession, template_id: str, version: int | None) -> Template | None:
    """That version of a template, or its newest, whosever it is."""
    wanted = select(Template).where(Template.id == template_id)
    if version is not None:
        wanted = wanted.where(Template.version == version)
    return await db.scalar(wanted.order_by(Template.version.desc()).limit(1))


async def shown(
    db: AsyncSession, template_id: str, version: int | None, *, user_id: UUID | None
) -> Template | None:
    """That version of a template, or its newest, also a retired one, that the user may see; None: somebody unknown."""
    wanted = _seen_by(user_id).where(Template.id == template_id)
    if version is not None:
        wanted = wanted.where(Template.version == version)
    return await db.scalar(wanted.order_by(Template.version.desc()).limit(1))


async def versions(db: AsyncSession, template_id: str, *, user_id: UUID) -> Sequence[int]:
    """All versions of a template, newest first."""
    rows = await db.scalars(
        _seen_by(user_id)
        .with_only_columns(Template.version)
        .where(Template.id == template_id)
        .order_by(Template.version.desc())
    )
    return rows.all()
