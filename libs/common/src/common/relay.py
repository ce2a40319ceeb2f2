"""The relay: sends what the outbox holds, in order within a lane, and forgets a row only when it has arrived.

A crash between the sending and the forgetting sends a row again: JetStream drops the second by its `Nats-Msg-Id`,
other services by being idempotent, consumers by their claims.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, cast

import structlog
from prometheus_client import Counter
from sqlalchemy import Row, Table, bindparam, delete, select, update

from common import context
from common.bus import Bus
from common.db import Database
from common.http import ServiceClient, ServiceRefused
from common.ids import now
from common.leader import lead
from common.outbox import KV_LANE, NATS_LANE, OutboxRow
from common.pace import Pace

log = structlog.get_logger()

Send = Callable[[Row[Any]], Awaitable[None]]
"""Sends a row of `_FIRST`."""

BATCH = 100
POLL_EVERY = 2.0
FORGOTTEN_AFTER = 0.2
"""Seconds after which rows that arrived are deleted."""
FIRST_DELAY, LONGEST_DELAY = 0.1, 5.0

_ROWS = cast("Table", OutboxRow.__table__)
_FIRST = (
    select(
        *(_ROWS.c[name] for name in ("id", "message_id", "lane", "subject", "headers", "payload", "attempts"))
    )
    .where(_ROWS.c.lane == bindparam("lane"), _ROWS.c.id > bindparam("after"), _ROWS.c.failed_at.is_(None))
    .order_by(_ROWS.c.id)
    .limit(BATCH)
)
"""What waits in a lane, oldest first. Built once: it is asked after every commit that wrote to one."""

SENT = Counter("outbox_sent", "Outbox rows that arrived", ["lane"])
FAILED = Counter("outbox_failed", "Outbox rows whose sending failed, to be tried again", ["lane"])
PARKED = Counter("outbox_parked", "Outbox rows that were refused for good", ["lane"])


class _Sent:
    """Rows that arrived and are still in the table. They are deleted together: a transaction for each would make whoever
    writes next wait for it."""

    def __init__(self) -> None:
        self.ids: set[int] = set()
        self._since = 0.0

    def add(self, row_id: int) -> None:
        if not self.ids:
            self._since = time.monotonic()
        self.ids.add(row_id)

    @property
    def last(self) -> int:
        """The highest id among them, or 0."""
        return max(self.ids, default=0)

    @property
    def is_due(self) -> bool:
        return len(self.ids) >= BATCH or (bool(self.ids) and time.monotonic() - self._since > FORGOTTEN_AFTER)


class Relay:
    """Drains the outbox of `database`: one task a lane, so that a service that is down holds up only its own lane."""

    def __init__(
        self, database: Database, *, bus: Bus, services: Mapping[str, ServiceClient] | None = None
    ) -> None:
        self._database = database
        self._lanes: dict[str, Send] = {NATS_LANE: to_jetstream(bus), KV_LANE: to_jetstream(bus)}
        for name, client in (services or {}).items():
            self._lanes[f"http:{name}"] = to_service(client)
        self._wake = {lane: asyncio.Event() for lane in self._lanes}
        self._task: asyncio.Task[None] | None = None
        self.is_leading = False
        """Whether it is this process that sends: then what it emits is on its way at once."""
        database.on_emitted = self.wake

    def wake(self, lanes: Collection[str] = ()) -> None:
        """Look at `lanes` now; at all, unless some are named. What is in one that nobody here sends waits there."""
        for lane in lanes or self._wake:
            if lane in self._wake:
                self._wake[lane].set()

    def start(self) -> None:
        self._task = asyncio.create_task(lead(self._database, "relay", self._drain_all))

    async def stop(self, *, flush: float = 2.0) -> None:
        """Send what is left for at most `flush` seconds, then stop; what remains goes at the next start."""
        if self._task is None:
            return
        with contextlib.suppress(TimeoutError, Exception):
            await asyncio.wait_for(self._flushed(), flush)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _flushed(self) -> None:
        while any([await self._pending(lane) for lane in self._lanes]):  # noqa: ASYNC110 (`stop` bounds it)
            await asyncio.sleep(0.02)

    async def _drain_all(self) -> None:
        self.is_leading = True
        try:
            async with asyncio.TaskGroup() as group:
                for lane in self._lanes:
                    group.create_task(self._drain(lane))
        finally:
            self.is_leading = False

    async def _drain(self, lane: str) -> None:
        delay, sent, pace = 0.0, _Sent(), Pace()
        while True:
            try:
                self._wake[lane].clear()
                rows = await self._pending(lane, after=sent.last)
                arrived = await self._send(lane, rows, sent)
                if sent.is_due or not rows:
                    await self._forget(sent)
            except Exception as error:  # noqa: BLE001 (a locked or full database: the relay must outlive it)
                log.warning("outbox_unreadable", lane=lane, error=type(error).__name__)
                rows, arrived = [], False
            if not arrived:
                delay = min(max(delay * 2, FIRST_DELAY), LONGEST_DELAY)
                await asyncio.sleep(
                    delay
                )  # not cut short by new rows, or a lane would never be left alone under load
            else:
                delay = 0.0
                if len(rows) < BATCH:
                    await self._pause(lane, FORGOTTEN_AFTER if sent.ids else POLL_EVERY)
                    await pace.keep()

    async def _pause(self, lane: str, seconds: float) -> None:
        """Until something was emitted; the poll finds what another process did."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake[lane].wait(), seconds)

    async def _pending(self, lane: str, *, after: int = 0) -> Sequence[Row[Any]]:
        """The first rows of `lane`. Those up to the id `after` were sent, but for one whose transaction took longer than a
        later one's: it is found once those are deleted."""
        async with self._database.read() as db:
            return (await db.execute(_FIRST, {"lane": lane, "after": after})).all()

    async def _send(self, lane: str, rows: Sequence[Row[Any]], sent: _Sent) -> bool:
        """Send `rows` in order up to the first that fails; whether all arrived (or were refused for good)."""
        try:
            for row in rows:
                context.accept(row.headers.get("X-Request-Id", ""), row.headers.get("traceparent", ""))
                try:
                    await self._lanes[lane](row)
                except ServiceRefused as error:
                    await self._park(row, str(error))
                else:
                    sent.add(row.id)
                    SENT.labels(lane).inc()
        except Exception as error:  # noqa: BLE001 (whatever it was, the row stays and is tried again)
            FAILED.labels(lane).inc()
            log.warning("outbox_not_sent", lane=lane, attempts=row.attempts + 1, error=repr(error)[:200])
            await self._note(row, error)
            await self._forget(sent)
            return False
        return True

    async def _forget(self, sent: _Sent) -> None:
        if sent.ids:
            async with self._database.write() as db:
                await db.execute(delete(OutboxRow).where(OutboxRow.id.in_(sent.ids)))
            sent.ids.clear()

    async def _park(self, row: Row[Any], reason: str) -> None:
        PARKED.labels(row.lane).inc()
        log.error("outbox_parked", lane=row.lane, message_id=row.message_id, reason=reason)
        async with self._database.write() as db:
            values = {"failed_at": now(), "last_error": reason[:500]}
            await db.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(values))

    async def _note(self, row: Row[Any], error: Exception) -> None:
        async with self._database.write() as db:
            values = {"attempts": row.attempts + 1, "last_error": repr(error)[:500]}
            await db.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(values))


def to_jetstream(bus: Bus) -> Send:
    async def send(row: Row[Any]) -> None:
        await bus.ready.wait()  # while NATS is away there is nothing to try
        await bus.publish(row.subject, row.payload, headers=row.headers | {"Nats-Msg-Id": row.message_id})

    return send


def to_service(client: ServiceClient) -> Send:
    async def send(row: Row[Any]) -> None:
        method, path = row.subject.split(" ", 1)
        await client.send(method, path, row.payload, idempotency_key=row.message_id)

    return send
