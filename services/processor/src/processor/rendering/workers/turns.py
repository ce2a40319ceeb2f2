"""Whose turn it is: who waits for a worker, in the order of how urgent it is and then of who came first."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping

from common.contracts.jobs import Priority
from processor.rendering.errors import EngineUnavailable
from processor.rendering.workers.child import Child

_ORDER: tuple[Priority, ...] = ("interactive", "normal", "bulk")


class Turn:
    """One that waits. `affinity` names the document, for whose sake it had rather go where that was rendered last."""

    def __init__(self, priority: Priority, affinity: str) -> None:
        self.priority, self.affinity = priority, affinity
        self.child: asyncio.Future[Child] = asyncio.get_running_loop().create_future()

    def choose(self, idle: list[Child], given: Mapping[Child, "Turn"], at_once: int) -> Child | None:
        """The worker that suits it best, None if none may do it now: one is kept free for what people wait for, and `at_once`
        documents are enough while somebody waits for one of them, but that one of the others always may."""
        if self.priority != "interactive":
            is_first = all(turn.priority == "interactive" for turn in given.values())
            if len(given) >= at_once and not is_first:
                return None
            return next((child for child in idle if not child.is_kept_free), None)
        known = (child for child in idle if self.affinity and self.affinity in child.recent)
        free = (child for child in idle if child.is_kept_free)
        return next(known, None) or next(free, None) or next(iter(idle), None)


class Turns:
    """Those that wait, at most `most` of each priority. There are processors for `at_once` of them."""

    def __init__(self, most: int, *, at_once: int) -> None:
        self._most, self._at_once = most, at_once
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

    def serve(
        self, idle: list[Child], given: Mapping[Child, Turn], give: Callable[[Turn, Child], None]
    ) -> None:
        """Give idle workers to those whose turn it is, besides those that are `given` already."""
        for turn in self:
            if not idle:
                return
            if (child := turn.choose(idle, given, self._at_once)) is not None:
                self.leave(turn)
                give(turn, child)
