"""Every statement on assets: none of a user's without its owner."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.assets.models import Asset


def _of(owner_id: UUID) -> Select[Asset]:
    return select(Asset).where(Asset.owner_id == owner_id)


async def find(db: AsyncSession, asset_id: UUID, *, owner_id: UUID) -> Asset | None:
    return await db.scalar(_of(owner_id).where(Asset.id == asset_id))


async def newest(
    db: AsyncSession,
    *,
    owner_id: UUID,
    after: UUID | None,
    limit: int,
    kind: str | None = None,
    resume_id: UUID | None = None,
) -> Sequence[Asset]:
    """The newest `limit` assets that are older than `after`; of one kind, of one resume."""
    wanted = _of(owner_id).order_by(Asset.id.desc()).limit(limit)
    if after is not None:
        wanted = wanted.where(Asset.id < after)
    if kind is not None:
        wanted = wanted.where(Asset.kind == kind)
    if resume_id is not None:
        wanted = wanted.where(Asset.resume_id == resume_id)
    return (await db.scalars(wanted)).all()


async def hold_usage(db: AsyncSession, owner_id: UUID) -> None:
    """Let nobody else count or add what `owner_id` has until this transaction ends. SQLite has one writer anyway."""
    if db.get_bind().dialect.name == "postgresql":
        name = hashlib.sha256(f"assets {owner_id}".encode()).digest()
        await db.execute(select(func.pg_advisory_xact_lock(int.from_bytes(name[:8], "big", signed=True))))


async def usage(db: AsyncSession, owner_id: UUID, *, but: UUID | None = None) -> tuple[int, int]:
    """Bytes and number of all assets of an owner (`but` one) that take up room: what is announced counts."""
    wanted = select(func.coalesce(func.sum(Asset.size), 0), func.count()).where(
        Asset.owner_id == owner_id, Asset.status != "refused"
    )
    row = (await db.execute(wanted if but is None else wanted.where(Asset.id != but))).one()
    return int(row[0]), int(row[1])


async def claim(db: AsyncSession, asset_id: UUID, *, claim: UUID, now: datetime, until: datetime) -> bool:
    """Claim a pending asset that nobody else has claimed, or no longer; whether that was done."""
    return await _change(
        db,
        Asset.id == asset_id,
        Asset.status == "pending",
        or_(Asset.claim.is_(None), Asset.claimed_until < now),
        values={"claim": claim, "claimed_until": until},
    )


async def settle(db: AsyncSession, asset_id: UUID, *, claim: UUID, **values: Any) -> bool:
    """Change an asset that is pending still, and claimed by `claim`; whether that was done."""
    settled = {"claim": None, "claimed_until": None} | values
    return await _change(
        db, Asset.id == asset_id, Asset.status == "pending", Asset.claim == claim, values=settled
    )


async def _change(db: AsyncSession, *where: Any, values: dict[str, Any]) -> bool:
    # Objects that this session holds stay as they were read: callers read again.
    statement = update(Asset).where(*where).values(values).execution_options(synchronize_session=False)
    return cast("CursorResult[Any]", await db.execute(statement)).rowcount == 1


async def left_behind(db: AsyncSession, *, before: datetime, limit: int) -> Sequence[Asset]:
    """Assets from before that time that never became ready."""
    rows = await db.scalars(
        select(Asset).where(Asset.status.in_(["pending", "refused"]), Asset.created_at < before).limit(limit)
    )
    return rows.all()


async def known(db: AsyncSession, ids: Iterable[UUID]) -> set[UUID]:
    """Of `ids` those of assets that there are."""
    return set(await db.scalars(select(Asset.id).where(Asset.id.in_(list(ids)))))
