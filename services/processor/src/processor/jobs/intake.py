"""Takes jobs from the stream onto the queue in the database: many in one transaction, answered after its commit.

While the queue is full the stream keeps the rest, but what somebody waits for and mail is always let in: so many jobs of
others keep nobody from signing in, or from the one export that is wanted now.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from common.bus import Bus
from common.consumer import Consumer, Delivery
from common.contracts.jobs import EmailJob, kind_of, run_subject
from common.db import Database
from common.outbox import emit
from processor.jobs import arrivals, queries
from processor.jobs.arrivals import Arrived
from processor.jobs.attempts import Attempt
from processor.jobs.clock import moment
from processor.jobs.dispatcher import Dispatcher
from processor.jobs.states import PRIVATE, dead_headers, read_envelope
from processor.jobs.steps import reached

log = structlog.get_logger()

BATCH = 100
LOOK_AGAIN = 0.5
"""Seconds between two looks at a queue that is full."""
ALWAYS = frozenset({EmailJob.KIND})
"""Kinds that no full queue keeps out; who may ask for how many is for those to say who send them."""
_TRIES = 3


class Intake:
    """Two consumers: of all kinds, for as long as fewer than `most` jobs wait, and of what is always let in."""

    def __init__(
        self, database: Database, bus: Bus, dispatcher: Dispatcher, *, ack_wait: float, most: int
    ) -> None:
        self._database, self._dispatcher, self._most = database, dispatcher, most
        self._room = 0
        self._always_pools = {kind.pool for name, kind in dispatcher.kinds.items() if name in ALWAYS}
        kinds = dispatcher.kinds
        always = [run_subject(kind, "interactive") for kind in kinds]
        others = [run_subject(kind) for kind in kinds if kind not in ALWAYS]
        # In this order: the first may hold what is the second's, from an earlier release.
        self.consumers = [
            self._consumer(bus, "intake", others, ack_wait=ack_wait, admit=self._admit),
            self._consumer(bus, "intake-always", always, ack_wait=ack_wait),
        ]

    def _consumer(
        self,
        bus: Bus,
        durable: str,
        subjects: list[str],
        *,
        ack_wait: float,
        admit: Callable[[], Awaitable[None]] | None = None,
    ) -> Consumer:
        return Consumer(
            bus,
            stream="JOBS",
            durable=durable,
            subject=subjects,
            handle=self._handle_one,
            handle_many=self._handle,
            batch=BATCH,
            admit=admit,
            ack_wait=ack_wait,
            bury=self._bury,
            instead_of=list(self._dispatcher.kinds),
        )

    async def _admit(self) -> None:
        """Wait until there is room for one more batch. Counted only when what was counted before is used up."""
        while self._room <= 0:
            async with self._database.read() as db:
                count = await queries.count_waiting(db, await moment(db), besides=self._always_pools)
            self._room = self._most - count
            if self._room <= 0:
                log.warning("queue_full", most=self._most)
                await asyncio.sleep(LOOK_AGAIN)

    async def _handle_one(self, delivery: Delivery) -> None:
        await self._handle([delivery])

    async def _handle(self, deliveries: Sequence[Delivery]) -> None:
        read = [(delivery, self._read(delivery)) for delivery in deliveries]
        arrived = [one for _, one in read if isinstance(one, Arrived)]
        bad = [(delivery, one) for delivery, one in read if isinstance(one, str)]
        await self._take_in(arrived, bad)
        self._room -= len(arrived)
        for delivery, one in read:
            await (delivery.term() if isinstance(one, str) else delivery.ack())
            if isinstance(one, Arrived):
                reached("acked", one.job.id)

    def _read(self, delivery: Delivery) -> Arrived | str:
        """The job, or what is wrong with the message."""
        try:
            job = read_envelope(delivery.data)
        except msgspec.DecodeError as error:
            return f"not a job: {error}"
        kind = self._dispatcher.kinds.get(job.kind)
        if kind is None or kind_of(delivery.subject) != job.kind:
            return "not a job of this kind"
        return Arrived(job, kind.pool, delivery.data)

    async def _take_in(self, arrived: list[Arrived], bad: list[tuple[Delivery, str]]) -> None:
        """One transaction, and the claims of free workers in it; begun again if another process was faster."""
        for tries in range(1, _TRIES + 1):
            slots = self._dispatcher.reserve()
            try:
                async with self._database.write() as db:
                    for delivery, reason in bad:
                        _bury(db, delivery, reason)
                    attempts, left = await self._queue(db, arrived, slots)
            except BaseException as error:
                self._dispatcher.release(slots)
                if not isinstance(error, IntegrityError) or tries == _TRIES:
                    raise
            else:
                for one in arrived:
                    reached("taken_in", one.job.id)
                self._dispatcher.begin(slots, attempts)
                if left:
                    await self._dispatcher.left_waiting()
                return

    async def _queue(
        self, db: AsyncSession, arrived: list[Arrived], slots: Mapping[str, int]
    ) -> tuple[list[Attempt], bool]:
        """What was claimed of what came or waited before, and whether something is left to wait."""
        if not arrived:
            return [], False
        now = await moment(db)
        new = await arrivals.take_in(db, arrived, now, lease=self._dispatcher.holder.lease)
        attempts = await self._dispatcher.claim(db, slots, now)
        begun = {attempt.job.id for attempt in attempts}
        # That they are queued is no news: it is what whoever asked for them said.
        return attempts, not new.keys() <= begun

    async def _bury(self, delivery: Delivery, reason: str) -> None:
        """Of a job that can be read, but not taken in whatever is tried."""
        async with self._database.write() as db:
            _bury(db, delivery, reason)


def _bury(db: AsyncSession, delivery: Delivery, reason: str) -> None:
    kind = kind_of(delivery.subject)
    log.error("job_unreadable", kind=kind, reason=reason)
    emit(
        db,
        f"jobs.dead.{kind}",
        b"" if kind in PRIVATE else delivery.data,
        message_id=f"dead.{kind[:24]}.{delivery.stream_seq}",
        headers=dead_headers(reason),
    )
