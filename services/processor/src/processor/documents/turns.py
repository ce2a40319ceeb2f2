"""Fair turns: whoever waits is served one user after the other, so that nobody's hundred requests stand before another's one."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from common.problems import Problem, Unavailable


class TooManyWaiting(Problem):
    status, code, title = 429, "TOO_MANY_WAITING", "Too many of your documents are waiting"

    def __init__(self) -> None:
        super().__init__("Wait for what you asked for before.", headers={"Retry-After": "1"})


class FairTurns:
    """`slots` at a time; at most `each` of a user wait, and `most` in all."""

    def __init__(self, *, slots: int, each: int, most: int) -> None:
        self._free, self._each, self._most = slots, each, most
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, user: str) -> AsyncIterator[None]:
        """Wait for a slot and have it. Raises TooManyWaiting or Unavailable at once."""
        await self._take(user)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, user: str) -> None:
        if self._free:
            self._free -= 1
            return
        if _count(self._waiting.get(user, ())) >= self._each:
            raise TooManyWaiting
        if sum(map(_count, self._waiting.values())) >= self._most:
            raise Unavailable("Too many documents are being rendered.")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(user, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give the slot to the next user's first; that user comes last from then on."""
        while self._waiting:
            user, turns = self._waiting.popitem(last=False)
            there = deque(turn for turn in turns if not turn.done())
            if there:
                there.popleft().set_result(None)
                self._waiting[user] = there
                return
        self._free += 1


def _count(turns: Iterable[asyncio.Future[None]]) -> int:
    """How many still wait: those who have gone stay in the line until it is their user's turn."""
    return sum(not turn.done() for turn in turns)
