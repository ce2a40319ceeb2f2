"""Every statement on API keys."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sso.api_keys.models import ApiKey
from sso.users.models import ACTIVE, User


def _is_live(at: datetime) -> ColumnElement[bool]:
    return and_(ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > at))


async def newest(db: AsyncSession, user_id: UUID, *, before: UUID | None, limit: int) -> Sequence[ApiKey]:
    """The user's keys, expired ones too, the newest first, from the one after `before` on."""
    wanted = select(ApiKey).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
    if before is not None:
        wanted = wanted.where(ApiKey.id < before)
    return (await db.scalars(wanted.order_by(ApiKey.id.desc()).limit(limit))).all()


async def count_live(db: AsyncSession, user_id: UUID, *, at: datetime) -> int:
    counted = select(func.count()).select_from(ApiKey).where(ApiKey.user_id == user_id, _is_live(at))
    return await db.scalar(counted) or 0


async def usable(db: AsyncSession, sha256: bytes, *, at: datetime) -> ApiKey | None:
    """The key, if it and its owner's account may still be used."""
    return await db.scalar(
        select(ApiKey)
        .join(User, User.id == ApiKey.user_id)
        .where(ApiKey.sha256 == sha256, _is_live(at), User.status == ACTIVE)
    )


async def note_use(db: AsyncSession, key_id: UUID, *, at: datetime) -> None:
    await db.execute(
        update(ApiKey)
        .where(ApiKey.id == key_id)
        .values(last_used_at=at)
        .execution_options(synchronize_session=False)
    )


async def revoke(
    db: AsyncSession, user_id: UUID, *, at: datetime, key_id: UUID | None = None
) -> list[tuple[UUID, str]]:
    """Revoke one key of the user, or all: the ids and hints of those that were not revoked before."""
    wanted = update(ApiKey).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
    if key_id is not None:
        wanted = wanted.where(ApiKey.id == key_id)
    revoked = await db.execute(
        wanted.values(revoked_at=at)
        .returning(ApiKey.id, ApiKey.hint)
        .execution_options(synchronize_session=False)
    )
    return [(row.id, row.hint) for row in revoked]


async def forget(db: AsyncSession, *, over_since: datetime) -> None:
    """Delete the keys that were revoked, or expired, before `over_since`."""
    await db.execute(
        delete(ApiKey).where(or_(ApiKey.revoked_at < over_since, ApiKey.expires_at < over_since))
    )
