"""Making what is read of comments: pure computing, in few threads of its own, and of what is at hand.

What it takes depends on what others wrote, and anybody with a link may ask: nobody else waits for it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

import msgspec

from api.comments import choices
from api.comments.choices import Choices
from api.comments.views import View
from api.shares.access import Shared
from api.shares.reading.fields import Writing
from api.shares.showing import PAGES
from common.problems import Unavailable

WORKERS = 2
MOST_WAITING = 64
P = ParamSpec("P")
T = TypeVar("T")


class Offered(msgspec.Struct, frozen=True):
    """What a link shows, and the choices that a form offers of it, by language: made once, whoever waits for them."""

    view: View
    choices: dict[str, asyncio.Future[Choices]] = {}


class Reviewing:
    """What links showed last, at most `most` bytes of it, and the threads that work on it."""

    def __init__(self, most: int = 32 << 20) -> None:
        self._most, self._bytes, self._waiting = most, 0, 0
        self._kept: OrderedDict[str, Offered] = OrderedDict()
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="comments")

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def find(self, shared: Shared) -> Offered | None:
        found = self._kept.get(_state(shared))
        if found is not None:
            self._kept.move_to_end(_state(shared))
        return found

    def keep(self, shared: Shared, view: View) -> Offered:
        """What to work on; of those who have read the same at once the first one's, with what was made of it."""
        if (found := self.find(shared)) is not None:
            return found
        offered = self._kept[_state(shared)] = Offered(view)
        self._bytes += view.size
        while self._bytes > self._most:
            self._drop(next(iter(self._kept)))
        return offered

    async def choices(self, offered: Offered, language: str) -> Choices:
        """What can be chosen in a form in `language`. Raises Unavailable."""
        found = offered.choices.get(language)
        if found is None:
            writing = Writing(language, lambda text: PAGES.languages.translate(language, text))
            found = self._begin(partial(choices.make, offered.view, writing))
            offered.choices[language] = found
            found.add_done_callback(lambda done: _forget_failed(offered.choices, language, done))
        return await asyncio.shield(found)

    async def run(self, make: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """What `make` returns, in one of the threads. Raises Unavailable if very much is waiting."""
        return await asyncio.shield(self._begin(partial(make, *args, **named)))

    def _begin(self, make: Callable[[], T]) -> asyncio.Future[T]:
        if self._waiting >= MOST_WAITING:
            raise Unavailable("Many comments are being read right now; try again shortly.", retry_after=2)
        future = asyncio.get_running_loop().run_in_executor(self._threads, make)
        self._waiting += 1
        future.add_done_callback(self._ended)
        return future

    def _ended(self, done: asyncio.Future[Any]) -> None:
        self._waiting -= 1
        if not done.cancelled():
            done.exception()  # whoever waited for it may be gone

    def _drop(self, state: str) -> None:
        if (found := self._kept.pop(state, None)) is not None:
            self._bytes -= found.view.size


def _forget_failed(
    kept: dict[str, asyncio.Future[Choices]], language: str, done: asyncio.Future[Choices]
) -> None:
    if done.cancelled() or done.exception() is not None:
        kept.pop(language, None)


def _state(shared: Shared) -> str:
    """Names all that a link shows, and the link as it is."""
    return f"{shared.share.id} {shared.share.version} {shared.source} {shared.resume_version}"
