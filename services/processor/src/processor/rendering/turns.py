"""Fair turns: whoever waits is served one user after the other, so that nobody's hundred requests stand before another's one."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from common.contracts.jobs import Priority
from processor.rendering.errors import EngineUnavailable

_ORDER: tuple[Priority, ...] = ("interactive", "normal", "bulk")
_Line = OrderedDict[str, deque[asyncio.Future[None]]]


class TooManyOfOne(EngineUnavailable):
    """So much of this user waits already that no more may."""

    def __init__(self) -> None:
        super().__init__("Wait for what you asked for before.")


class FairTurns:
    """`slots` at a time, of which a user never has the last one if there are more; at most `each` of a user wait, and `most`
    in all, each for at most `longest` seconds (None: as long as it takes)."""

    def __init__(self, *, slots: int, each: int, most: int, longest: float | None = None) -> None:
        self._slots, self._share = slots, max(slots - 1, 1)
        self._each, self._most, self._longest = each, most, longest
        self._running = Counter[str]()
        self._is_held = False
        self._alone: deque[asyncio.Future[None]] = deque()
        self._lines: dict[Priority, _Line] = {priority: OrderedDict() for priority in _ORDER}

    @asynccontextmanager
    async def turn(
        self, user: str, *, priority: Priority = "interactive", alone: bool = False
    ) -> AsyncIterator[None]:
        """Wait for a slot and have it; for all slots, before everybody else, if it is to be `alone`.

        Raises TooManyOfOne or EngineUnavailable, at once where too much waits.
        """
        turn = self._joined(user, priority, alone=alone)
        self._serve()
        try:
            async with asyncio.timeout(self._longest):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._release(user, alone=alone)
            turn.cancel()
            if isinstance(error, TimeoutError):
                raise EngineUnavailable("Rendering takes too long right now.", retry_after=5) from None
            raise
        try:
            yield
        finally:
            self._release(user, alone=alone)

    def _joined(self, user: str, priority: Priority, *, alone: bool) -> asyncio.Future[None]:
        waiting = [(name, turn) for line in self._lines.values() for name in line for turn in line[name]]
        names = [name for name, turn in waiting if not turn.done()]
        if self._would_wait(user) and not alone:
            if names.count(user) >= self._each:
                raise TooManyOfOne
            if len(names) >= self._most:
                raise EngineUnavailable("Too many documents are waiting to be rendered.")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._alone if alone else self._lines[priority].setdefault(user, deque())).append(turn)
        return turn

    def _would_wait(self, user: str) -> bool:
        is_full = self._running.total() >= self._slots or self._running[user] >= self._share
        return self._is_held or bool(self._alone) or is_full

    def _release(self, user: str, *, alone: bool) -> None:
        if alone:
            self._is_held = False
        else:
            self._running[user] -= 1
            self._running += Counter()  # forgets who has none
        self._serve()

    def _serve(self) -> None:
        while self._alone and self._alone[0].done():
            self._alone.popleft()
        if self._is_held:
            return
        if self._alone:
            if not self._running:
                self._is_held = True
                self._alone.popleft().set_result(None)
            return
        while self._running.total() < self._slots and (user := self._give()) is not None:
            self._running[user] += 1

    def _give(self) -> str | None:
        """Give a slot to the first of the next user, who comes last from then on. None where nobody may have one."""
        for line in self._lines.values():
            for user, turns in tuple(line.items()):
                there = deque(turn for turn in turns if not turn.done())
                if there and self._running[user] >= self._share:
                    continue
                del line[user]
                if there:
                    there.popleft().set_result(None)
                    if there:
                        line[user] = there
                    return user
        return None
