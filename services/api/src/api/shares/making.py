"""Making pages: pure computing, in few threads of its own, and never one page twice at once.

What a page takes depends on what its writer wrote, and anybody may open a link: neither many visitors of one page nor
one page that takes long holds up what else needs a thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from api.shares.access import Shared
from api.shares.showing import Made, State, state_of
from common.problems import Unavailable

WORKERS = 2
MOST_WAITING = 64
"""Different pages that are being made or wait for it."""


class Making:
    """The pages that are being made now."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="pages")
        self._under_way: dict[State, asyncio.Future[Made]] = {}

    def find(self, shared: Shared) -> asyncio.Future[Made] | None:
        """The page of a link as it is now, if somebody waits for it already."""
        return self._under_way.get(state_of(shared))

    def begin(self, shared: Shared, make: Callable[[], Made]) -> asyncio.Future[Made]:
        """Make a page, unless it is being made. Raises Unavailable if very many are."""
        if (found := self.find(shared)) is not None:
            return found
        if len(self._under_way) >= MOST_WAITING:
            raise Unavailable("Many pages are being made right now; try again shortly.", retry_after=2)
        state = state_of(shared)
        future = asyncio.get_running_loop().run_in_executor(self._threads, make)
        self._under_way[state] = future
        future.add_done_callback(lambda done: self._ended(state, done))
        return future

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ended(self, state: State, done: asyncio.Future[Made]) -> None:
        del self._under_way[state]
        if not done.cancelled():
            done.exception()  # whoever waited for it may be gone
