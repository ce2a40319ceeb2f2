"""How far a running job is, told at most four times a second."""

import asyncio
import time

from common.bus import Bus
from common.contracts.jobs import Job
from common.jobs import report_progress

EVERY = 0.25


class Progress:
    """Tells the stages of one attempt: the first at once, of those that follow too fast the latest."""

    def __init__(self, bus: Bus, job: Job) -> None:
        self._bus, self._job = bus, job
        self._told_at = float("-inf")
        self._later: asyncio.Task[None] | None = None
        self._latest = ("", 0.0)

    async def tell(self, stage: str, progress: float) -> None:
        """`progress` from 0 to 1."""
        self._latest = (stage, progress)
        wait = self._told_at + EVERY - time.monotonic()
        if wait <= 0:
            await self._send()
        elif self._later is None or self._later.done():
            self._later = asyncio.create_task(self._send_after(wait))

    def close(self) -> None:
        """Tell nothing more: the job's next state says it all."""
        if self._later is not None:
            self._later.cancel()

    async def _send_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._send()

    async def _send(self) -> None:
        self._told_at = time.monotonic()
        stage, progress = self._latest
        await report_progress(self._bus, self._job.id, progress, stage)
