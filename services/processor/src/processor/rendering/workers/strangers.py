"""Workers for templates that strangers wrote: each template has one of its own, locked down to its folder.

They start when they are needed (0.4 s), stay for a while, and are few: the one that was used longest ago makes room.
"""

import asyncio
from collections import OrderedDict
from pathlib import Path

from processor.rendering.errors import EngineUnavailable
from processor.rendering.workers.child import Limits
from processor.rendering.workers.pool import Pool

MOST = 3
IDLE_FOR = 120.0
"""Seconds without a document after which a worker goes."""
LIMITS = Limits(seconds=10.0, memory=256 << 20, documents=500)


class Strangers:
    """Pools by the folder of their template."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or LIMITS
        self._pools: OrderedDict[Path, Pool] = OrderedDict()
        self._timers: dict[Path, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._is_stopped = False

    def pool(self, template: Path) -> Pool:
        """The workers of a template. Raises EngineUnavailable when the service stops."""
        if self._is_stopped:
            raise EngineUnavailable("The service is stopping.")
        if template not in self._pools:
            self._pools[template] = Pool(workers=1, limits=self._limits, stranger=template)
        self._pools.move_to_end(template)
        while len(self._pools) > MOST:
            self._end(next(iter(self._pools)))
        self._put_off(template)
        return self._pools[template]

    async def stop(self) -> None:
        self._is_stopped = True
        for template in list(self._pools):
            self._end(template)
        await asyncio.gather(*self._ending)

    def _put_off(self, template: Path) -> None:
        if (timer := self._timers.pop(template, None)) is not None:
            timer.cancel()
        self._timers[template] = asyncio.get_running_loop().call_later(IDLE_FOR, self._end, template)

    def _end(self, template: Path) -> None:
        self._timers.pop(template).cancel()
        ending = asyncio.create_task(self._pools.pop(template).stop())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
