"""What time it is for the queue.

Leases must not break when a clock is set: on SQLite, whose processes are on one machine, they are counted on its
monotonic clock, which all of them share; on PostgreSQL on the clock of the database, whatever that of this machine says.
A monotonic clock begins anew at a reboot, so a lease that lies further ahead than any can is one that has run out.
"""

import time
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import now


class Moment(NamedTuple):
    """`at` is the time of day, by which jobs are due; `tick` are the seconds that leases count."""

    at: datetime
    tick: float


async def moment(db: AsyncSession) -> Moment:
    """Now, by the clock that everybody on this database shares."""
    if db.get_bind().dialect.name == "sqlite":
        return Moment(now(), time.monotonic())
    at: datetime = (await db.scalars(select(func.clock_timestamp()))).one()
    return Moment(at, at.timestamp())
