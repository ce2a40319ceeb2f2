"""Where uploads are looked at: CPU work in few threads of its own, with bounded memory and a bounded queue.

Threads and no processes: decoding lets go of the interpreter, and is bounded by the caps on bytes and pixels, so there is
nothing that would have to be killed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from common.problems import Unavailable

T = TypeVar("T")

WORKERS = 2
MOST_WAITING = 16


class Workshop:
    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="assets")
        self._places = asyncio.Semaphore(WORKERS)
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for one upload, from its bytes being fetched to their being stored. Raises Unavailable if many wait."""
        if self._waiting >= MOST_WAITING:
            raise Unavailable("Many files are being looked at right now; try again shortly.", retry_after=2)
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    async def run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
