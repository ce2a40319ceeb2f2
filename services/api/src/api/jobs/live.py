"""Wakes those who watch a job.

The truth about a job is its row; this only says when to look again. A replica that has committed a new state says so
to all replicas over core NATS; the processor's progress comes the same way and is remembered for a while. A message
that is lost costs a delay, since watchers look now and then by themselves.
"""

import asyncio
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec
from nats.aio.msg import Msg

from common.bus import Bus
from common.contracts.jobs import JobProgress

CHANGED = "jobs.changed"
PROGRESS = "jobs.progress"
_REMEMBERED = 1000


class Watch:
    """Somebody who waits for news of one job."""

    def __init__(self) -> None:
        self.news = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Whether there was news within `seconds`."""
        try:
            await asyncio.wait_for(self.news.wait(), seconds)
        except TimeoutError:
            return False
        self.news.clear()
        return True


class JobFeed:
    """`closed` is set when the service drains: streams end then, and clients come back to another replica."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._watches: defaultdict[UUID, set[Watch]] = defaultdict(set)
        self._heard: OrderedDict[UUID, JobProgress] = OrderedDict()
        self._listening: object | None = None
        self.streams: Counter[str] = Counter()
        """How many streams each user has open here."""
        self.closed = False
        bus.on_connect(self._connected)

    @property
    def is_live(self) -> bool:
        """Whether news arrive by themselves."""
        return self._bus.ready.is_set()

    def progress(self, job_id: UUID) -> JobProgress | None:
        """The last that was heard of how far a job is."""
        return self._heard.get(job_id)

    @contextmanager
    def watch(self, job_id: UUID) -> Iterator[Watch]:
        """News of `job_id` inside the block."""
        watch = Watch()
        self._watches[job_id].add(watch)
        try:
            yield watch
        finally:
            self._watches[job_id].discard(watch)
            if not self._watches[job_id]:
                del self._watches[job_id]

    async def changed(self, job_id: UUID) -> None:
        """Tell all replicas, this one at once, that a new state of the job was committed."""
        self._wake(job_id)
        await self._bus.send(f"{CHANGED}.{job_id}", b"")

    async def close(self) -> None:
        self.closed = True
        for job_id in list(self._watches):
            self._wake(job_id)

    def _wake(self, job_id: UUID) -> None:
        for watch in self._watches.get(job_id, ()):
            watch.news.set()

    async def _connected(self) -> None:
        if self._listening is not self._bus.raw:
            await self._bus.raw.subscribe(f"{CHANGED}.*", cb=self._on_changed)
            await self._bus.raw.subscribe(f"{PROGRESS}.*", cb=self._on_progress)
            self._listening = self._bus.raw
        for job_id in list(self._watches):  # what came while there was no connection was missed
            self._wake(job_id)

    async def _on_changed(self, message: Msg) -> None:
        self._wake(UUID(message.subject.removeprefix(f"{CHANGED}.")))

    async def _on_progress(self, message: Msg) -> None:
        heard = msgspec.json.decode(message.data, type=JobProgress)
        self._heard[heard.job_id] = heard
        self._heard.move_to_end(heard.job_id)
        if len(self._heard) > _REMEMBERED:
            self._heard.popitem(last=False)
        self._wake(heard.job_id)
