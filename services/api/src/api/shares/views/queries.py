"""Every statement on what was counted."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from api.shares.models import Share, ShareReferrer, ShareSalt, ShareViews, ShareVisitor
from common.db import Base

_AT_ONCE = 400
"""Rows in one statement; databases bound their parameters."""


def _insert(db: AsyncSession, table: type[Base]) -> Any:
    """An INSERT that can say what to do about rows that are there already."""
    return (postgresql if db.get_bind().dialect.name == "postgresql" else sqlite).insert(table)


async def salt(db: AsyncSession, day: date, new: bytes) -> bytes:
    """The salt of a day, which is `new` if there was none."""
    await db.execute(_insert(db, ShareSalt).values(day=day, salt=new).on_conflict_do_nothing())
    found = await db.scalar(select(ShareSalt.salt).where(ShareSalt.day == day))
    assert found is not None  # noqa: S101 (it was just put there)
    return found


async def alive(db: AsyncSession, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the links that are still there, and stay until this transaction ends."""
    wanted, found = sorted(ids), set[UUID]()
    for start in range(0, len(wanted), _AT_ONCE):
        part = select(Share.id).where(Share.id.in_(wanted[start : start + _AT_ONCE]))
        found |= set(await db.scalars(part.order_by(Share.id).with_for_update(key_share=True, read=True)))
    return found


async def visitors(db: AsyncSession, ids: Iterable[UUID], day: date) -> dict[UUID, int]:
    """How many visitors of a day were counted so far, of each link."""
    wanted, found = sorted(ids), dict[UUID, int]()
    for start in range(0, len(wanted), _AT_ONCE):
        rows = await db.execute(
            select(ShareViews.share_id, ShareViews.visitors).where(
                ShareViews.day == day, ShareViews.share_id.in_(wanted[start : start + _AT_ONCE])
            )
        )
        found |= {row.share_id: row.visitors for row in rows}
    return found


async def mark(db: AsyncSession, day: date, marks: Iterable[bytes]) -> set[bytes]:
    """Note marks of a day; those that were not there before."""
    wanted, fresh = sorted(marks), set[bytes]()
    for start in range(0, len(wanted), _AT_ONCE):
        rows = [{"day": day, "mark": found} for found in wanted[start : start + _AT_ONCE]]
        statement = _insert(db, ShareVisitor).values(rows).on_conflict_do_nothing()
        fresh |= set(await db.scalars(statement.returning(ShareVisitor.mark)))
    return fresh


async def add_views(db: AsyncSession, **values: Any) -> None:
    """Add to what was counted of a link on a day."""
    statement = _insert(db, ShareViews).values(**values)
    counted = ("views", "visitors", "downloads")
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=["share_id", "day"],
            set_={name: getattr(ShareViews, name) + statement.excluded[name] for name in counted},
        )
    )


async def add_referrer(db: AsyncSession, share_id: UUID, day: date, host: str, views: int) -> None:
    statement = _insert(db, ShareReferrer).values(share_id=share_id, day=day, host=host, views=views)
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=["share_id", "day", "host"],
            set_={"views": ShareReferrer.views + statement.excluded["views"]},
        )
    )


async def hosts(db: AsyncSession, share_id: UUID, day: date) -> set[str]:
    rows = await db.scalars(
        select(ShareReferrer.host).where(ShareReferrer.share_id == share_id, ShareReferrer.day == day)
    )
    return set(rows)


async def add_opens(db: AsyncSession, share_id: UUID, opens: int) -> None:
    """Of a link that may be opened any number of times; the others count for themselves."""
    await db.execute(
        update(Share)
        .where(Share.id == share_id, Share.max_views.is_(None))
        .values(opens=Share.opens + opens)
        .execution_options(synchronize_session=False)
    )


async def days(db: AsyncSession, share_id: UUID, *, first: date, last: date) -> Sequence[ShareViews]:
    rows = await db.scalars(
        select(ShareViews)
        .where(ShareViews.share_id == share_id, ShareViews.day.between(first, last))
        .order_by(ShareViews.day)
    )
    return rows.all()


async def referrers(
    db: AsyncSession, share_id: UUID, *, first: date, last: date, limit: int
) -> Sequence[Row[str, int]]:
    """The hosts that most views came from, with how many."""
    total = func.sum(ShareReferrer.views)
    rows = await db.execute(
        select(ShareReferrer.host, total)
        .where(ShareReferrer.share_id == share_id, ShareReferrer.day.between(first, last))
        .group_by(ShareReferrer.host)
        .order_by(total.desc(), ShareReferrer.host)
        .limit(limit)
    )
    return rows.all()


async def forget(db: AsyncSession, *, before: date) -> None:
    """Delete salts and marks of the days before."""
    await db.execute(delete(ShareSalt).where(ShareSalt.day < before))
    await db.execute(delete(ShareVisitor).where(ShareVisitor.day < before))
