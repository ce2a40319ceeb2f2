"""Every statement on the counts of failed sign-ins."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from sso.lockouts.models import AccountLockout


async def hold(db: AsyncSession, keys: Collection[bytes], *, at: datetime) -> dict[bytes, AccountLockout]:
    """The counts of `keys`, held until the transaction ends; those that are not there begin at 0.

    In one order, or two transactions could wait for each other.
    """
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    fresh = [{"key_sha256": key, "failures": 0, "last_failed_at": at} for key in sorted(keys)]
    await db.execute(insert(AccountLockout).values(fresh).on_conflict_do_nothing())
    held = await db.scalars(
        select(AccountLockout)
        .where(AccountLockout.key_sha256.in_(keys))
        .order_by(AccountLockout.key_sha256)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {count.key_sha256: count for count in held}


async def clear(db: AsyncSession, key: bytes) -> None:
    await db.execute(
        update(AccountLockout)
        .where(AccountLockout.key_sha256 == key)
        .values(failures=0, locked_until=None)
        .execution_options(synchronize_session=False)
    )


async def forget_before(db: AsyncSession, at: datetime) -> None:
    await db.execute(delete(AccountLockout).where(AccountLockout.last_failed_at < at))
