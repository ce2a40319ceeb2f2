"""Workers for templates that strangers wrote: each template has one of its own, locked down to its folder.

They start when they are needed (0.4 s), stay for a while, and are few: one that is idle makes room for another. While none
is, those who come wait their turn, so that whoever has many templates keeps nobody's document from being finished.
"""

import asyncio
from collections import OrderedDict
from pathlib import Path

from common.contracts.jobs import Priority
from processor.rendering.errors import EngineUnavailable
from processor.rendering.workers.child import Limits
from processor.rendering.workers.pool import Pool
from processor.rendering.workers.protocol import Done, Task

MOST = 3
LONGEST_WAIT = 15.0
"""Seconds until there is room for another template; who waits that long is told to come back."""
IDLE_FOR = 120.0
"""Seconds without a document after which a worker goes."""
LIMITS = Limits(seconds=10.0, memory=256 << 20, documents=500)


class _Worker:
    """That of one template; `users` wait for it or for what it makes."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.users = 0
        self.timer: asyncio.TimerHandle | None = None


class Strangers:
    """Workers by the folder of their template, the one that was used longest ago first."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or LIMITS
        self._workers: OrderedDict[Path, _Worker] = OrderedDict()
        self._door = asyncio.Lock()
        self._freed = asyncio.Event()
        self._ending: set[asyncio.Task[None]] = set()
        self._is_stopped = False

    async def run(
        self, template: Path, task: Task, *, priority: Priority = "normal", affinity: str = ""
    ) -> Done:
        """What comes of a task with the template of this folder. Raises as `Pool.run` does."""
        worker = await self._enter(template)
        try:
            return await worker.pool.run(task, priority=priority, affinity=affinity)
        finally:
            self._leave(template, worker)

    async def stop(self) -> None:
        self._is_stopped = True
        self._freed.set()
        for template in list(self._workers):
            self._end(template)
        await asyncio.gather(*self._ending)

    async def _enter(self, template: Path) -> _Worker:
        try:
            async with asyncio.timeout(LONGEST_WAIT), self._door:  # one after the other, as they came
                while not self._is_stopped and not self._has_room(template):
                    self._freed.clear()
                    await self._freed.wait()
        except TimeoutError:
            raise EngineUnavailable("Too many templates are in use right now.", retry_after=5) from None
        if self._is_stopped:
            raise EngineUnavailable("The service is stopping.")
        if template not in self._workers:
            self._workers[template] = _Worker(Pool(workers=1, limits=self._limits, stranger=template))
        worker = self._workers[template]
        worker.users += 1
        self._workers.move_to_end(template)
        if worker.timer is not None:
            worker.timer.cancel()
        return worker

    def _has_room(self, template: Path) -> bool:
        """Whether the template has a worker, or may have one now that an idle one has gone."""
        if template in self._workers or len(self._workers) < MOST:
            return True
        idle = next((known for known, worker in self._workers.items() if not worker.users), None)
        if idle is not None:
            self._end(idle)
        return idle is not None

    def _leave(self, template: Path, worker: _Worker) -> None:
        worker.users -= 1
        if worker.users or self._workers.get(template) is not worker:
            return
        worker.timer = asyncio.get_running_loop().call_later(IDLE_FOR, self._end, template)
        self._freed.set()

    def _end(self, template: Path) -> None:
        worker = self._workers.pop(template)
        if worker.timer is not None:
            worker.timer.cancel()
        ending = asyncio.create_task(worker.pool.stop())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
