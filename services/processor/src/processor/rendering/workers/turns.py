"""Whose turn it is: who waits for a worker, in the order of how urgent it is and then of who came first."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterator

from common.contracts.jobs import Priority
from processor.rendering.errors import EngineUnavailable
from processor.rendering.workers.child import Child

_ORDER: tuple[Priority, ...] = ("interactive", "normal", "bulk")


class Turn:
    """One that waits. `affinity` names the document, for whose sake it had rather go where that was rendered last."""

    def __init__(self, priority: Priority, affinity: str) -> None:
        self.priority, self.affinity = priority, affinity
        self.child: asyncio.Future[Child] = asyncio.get_running_loop().create_future()

    def choose(self, idle: list[Child], busy: Collection[Child]) -> Child | None:
        """The worker that suits it best, None if none may do it. One worker is kept free for what people wait for; while that
        one is at it, of all others one is enough: there is no processor for more."""
        if self.priority != "interactive":
            others = [child for child in busy if not child.is_kept_free]
            if others and len(others) < len(busy):
                return None
            return next((child for child in idle if not child.is_kept_free), None)
        known = (child for child in idle if self.affinity and self.affinity in child.recent)
        free = (child for child in idle if child.is_kept_free)
        return next(known, None) or next(free, None) or next(iter(idle), None)


class Turns:
    """Those that wait, at most `most` of each priority."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: dict[Priority, deque[Turn]] = {priority: deque() for priority in _ORDER}

    def __iter__(self) -> Iterator[Turn]:
        return (turn for priority in _ORDER for turn in tuple(self._waiting[priority]))

    def join(self, priority: Priority, affinity: str) -> Turn:
        """Raises EngineUnavailable when too many wait already."""
        line = self._waiting[priority]
        if len(line) >= self._most:
            raise EngineUnavailable("Too many documents are waiting to be rendered.")
        turn = Turn(priority, affinity)
        line.append(turn)
        return turn

    def leave(self, turn: Turn) -> None:
        """Twice is as good as once."""
        if turn in self._waiting[turn.priority]:
            self._waiting[turn.priority].remove(turn)

    def serve(self, idle: list[Child], busy: Collection[Child], give: Callable[[Turn, Child], None]) -> None:
        """Give idle workers to those whose turn it is, while others are `busy`."""
        for turn in self:
            if not idle:
                return
            if (child := turn.choose(idle, busy)) is not None:
                self.leave(turn)
                give(turn, child)
