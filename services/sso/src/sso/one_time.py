"""Secrets that work once: links that were mailed, codes of flows. 256 bits, stored as SHA-256, used up by one
conditional UPDATE, so that of any number that try at once one succeeds (SECURITY 8)."""

import hashlib
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import LargeBinary, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from common.ids import new_id, now


class OneTime:
    """The columns of a table of such secrets. `used_at` is set once."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


S = TypeVar("S", bound=OneTime)


def sha256(secret: str) -> bytes:
    """What a secret is stored as. A plain hash will do, because 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()


async def claim(db: AsyncSession, kind: type[S], secret: str, *, at: datetime) -> S | None:
    """Use `secret` up: its row, for one of any number that try at once; None if it is unknown, used or expired."""
    claimed: S | None = await db.scalar(
        update(kind)
        .where(kind.sha256 == sha256(secret), kind.used_at.is_(None), kind.expires_at > at)
        .values(used_at=at)
        .returning(kind)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return claimed


async def find(db: AsyncSession, kind: type[S], secret: str) -> S | None:
    """The row of `secret`, used and expired ones too."""
    found: S | None = await db.scalar(select(kind).where(kind.sha256 == sha256(secret)))
    return found


async def forget_expired(db: AsyncSession, kind: type[OneTime], *, at: datetime) -> None:
    await db.execute(delete(kind).where(kind.expires_at < at))


async def withdraw(db: AsyncSession, kind: Any, *, user_id: UUID) -> None:
    """Delete those of `user_id` that were not used: a newer one, or a change, makes them void."""
    await db.execute(delete(kind).where(kind.user_id == user_id, kind.used_at.is_(None)))
