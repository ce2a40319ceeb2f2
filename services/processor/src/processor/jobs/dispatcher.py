"""Gives this process's workers jobs, and keeps its claims alive.

Workers are slots, some in each pool. Whatever brings jobs (the intake, a round of `_round`, a worker that ends one)
reserves the free slots, claims in its own transaction, and begins what it got after the commit.
"""

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import Mapping
from uuid import UUID

import structlog
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncSession

from common.bus import Bus
from common.contracts.jobs import Job
from common.db import Database
from common.ids import new_id
from processor.jobs import arrivals, claims
from processor.jobs.attempts import Attempt
from processor.jobs.claims import Holder
from processor.jobs.clock import Moment, moment
from processor.jobs.outcomes import UNDO_AFTER
from processor.jobs.queries import outlook
from processor.jobs.runner import Kind
from processor.jobs.states import move
from processor.jobs.workers import Workers

log = structlog.get_logger()

WAITING = "jobs.waiting"
"""On core NATS: there are jobs that the process that took them in, whose name is the message, has no worker for."""
LOOK_EVERY = 1.0
"""Seconds between two looks at the queue where nothing was heard of it."""
_NOTHING_LEFT = 0.05
"""Seconds between two looks while another process has its hands on all that there is."""
_MOST_AT_ONCE = 200


class Dispatcher:
    """`pools` says how many workers there are of each; `lease` is the seconds after which a silent process has lost its
    jobs."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        *,
        kinds: Mapping[str, Kind],
        pools: Mapping[str, int],
        lease: float,
    ) -> None:
        self._database, self._bus, self._pools = database, bus, dict(pools)
        self.kinds = kinds
        self.holder = Holder(f"{os.getpid()}.{new_id().hex[-12:]}", lease)
        self._free: Counter[str] = Counter(pools)
        self._claiming = 0
        self._wake, self._missed = asyncio.Event(), False
        self._workers = Workers(database, bus, kinds, self)
        self._tasks: list[asyncio.Task[None]] = []
        self._slots: set[asyncio.Task[None]] = set()
        self._is_draining = False
        self._listening: object | None = None
        bus.on_connect(self._listen)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._dispatch()), asyncio.create_task(self._renew())]

    async def drain(self, grace: float) -> None:
        """Begin nothing more, let what runs finish within `grace` seconds, then give it back."""
        self._is_draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._quiet()
        for tasks in (self._slots, set(self._tasks)):
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _quiet(self) -> None:
        """Until nothing runs, and nothing is about to because it was just being claimed."""
        while self._slots or self._claiming:
            await (asyncio.wait(list(self._slots)) if self._slots else asyncio.sleep(0.01))

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    def stop(self, job_id: UUID) -> None:
        """End the attempt at a job that is cancelled, if one is under way here."""
        self._workers.stop(job_id)

    async def left_waiting(self) -> None:
        """Jobs wait for which there was no worker: the next that is free looks, here or in another process."""
        self.wake()
        await self._bus.send(WAITING, self.holder.name.encode())

    def reserve(self) -> Counter[str]:
        """Take the free workers: to be given to `begin`, or back to `release`."""
        self._claiming += 1
        if self._is_draining:
            return Counter()
        taken = Counter(self._free)
        self._free -= taken
        return taken

    def release(self, slots: Mapping[str, int]) -> None:
        """Give back what was reserved: nothing was claimed for it."""
        self._claiming -= 1
        self._are_free(slots)

    def _are_free(self, slots: Mapping[str, int]) -> None:
        self._free.update(slots)
        if self._missed:
            self._missed = False
            self.wake()

    async def claim(self, db: AsyncSession, slots: Mapping[str, int], moment: Moment) -> list[Attempt]:
        return await claims.claim(db, slots, self.holder, moment)

    def begin(self, slots: Counter[str], attempts: list[Attempt]) -> None:
        """Let workers begin what was claimed for them; those that got nothing are free."""
        for attempt in attempts:
            slots[attempt.pool] -= 1
            task = asyncio.create_task(self._work(attempt))
            self._slots.add(task)
            task.add_done_callback(self._slots.discard)
        self.release(+slots)

    async def _work(self, attempt: Attempt) -> None:
        """One worker, for as long as it finds something to do."""
        pool, following = attempt.pool, attempt
        try:
            while (after := await self._workers.do(following)) is not None:
                following = after
        finally:
            self._are_free({pool: 1})

    async def claim_next(self, db: AsyncSession, pool: str) -> Attempt | None:
        """What the worker that is about to be free does next, in the transaction that ends what it did."""
        if self._is_draining:
            return None
        attempts = await self.claim(db, {pool: 1}, await moment(db))
        return attempts[0] if attempts else None

    async def _dispatch(self) -> None:
        while not self._is_draining:
            self._wake.clear()
            try:
                pause = await self._round()
            except Exception as error:  # noqa: BLE001 (a locked or full database: it must outlive that)
                log.warning("dispatch_failed", error=type(error).__name__)
                pause = LOOK_EVERY
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _round(self) -> float:
        """Do what is to be done about the queue; the seconds until there may be more."""
        free = [pool for pool, n in self._free.items() if n]
        self._missed = len(free) < len(self._pools)
        async with self._database.read() as db:
            now = await moment(db)
            own = self._workers.held()
            view = await outlook(db, now, longest=self.holder.longest, own=own, pools=free)
        if view.has_lapsed or view.waiting or (view.next_due is not None and view.next_due <= now.at):
            return 0.0 if await self._act() else _NOTHING_LEFT
        if view.next_due is None:
            return LOOK_EVERY
        return min((view.next_due - now.at).total_seconds(), LOOK_EVERY)

    async def _act(self) -> bool:
        """Whether there was anything to do that nobody else did."""
        slots = self.reserve()
        try:
            async with self._database.write() as db:
                now = await moment(db)
                own = self._workers.held()
                lapsed = await claims.take_from_the_silent(db, self.holder, now, own=own, limit=_MOST_AT_ONCE)
                due = await arrivals.come_due(db, now, limit=_MOST_AT_ONCE, again=UNDO_AFTER)
                attempts = await self.claim(db, slots, now)
                begun = {attempt.job.id for attempt in attempts}
                queued = {job_id: job for job_id, job in due.queued.items() if job_id not in begun}
                await move(db, list(queued), "queued", now, jobs=queued, run_at=None)
        except BaseException:
            self.release(slots)
            raise
        if lapsed:
            log.warning("jobs_taken_over", count=lapsed)
        self.begin(slots, attempts)
        for job in due.to_undo.values():
            self._aside(job)
        return bool(lapsed or attempts or due.queued or due.to_undo)

    def _aside(self, job: Job) -> None:
        task = asyncio.create_task(self._workers.undo(job))
        self._slots.add(task)
        task.add_done_callback(self._slots.discard)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self.holder.lease / 3)
            held = self._workers.held()
            if not held:
                continue
            try:
                async with self._database.write() as db:
                    lost = await claims.renew(db, held, self.holder)
            except Exception as error:  # noqa: BLE001 (tried again soon; if that is too late, the fence refuses)
                log.warning("leases_not_renewed", error=type(error).__name__)
                continue
            for job_id in lost:
                self.stop(job_id)

    async def _listen(self) -> None:
        if self._listening is not self._bus.raw:
            await self._bus.raw.subscribe(WAITING, cb=self._told)
            self._listening = self._bus.raw

    async def _told(self, message: Msg) -> None:
        if message.data != self.holder.name.encode():
            self.wake()
