"""The pool of worker processes: who renders what, when, and what becomes of a worker that misbehaves."""

import asyncio
import contextlib
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog

from common.contracts.jobs import Priority
from processor.rendering.errors import EngineUnavailable, RenderFailed
from processor.rendering.metrics import LOST
from processor.rendering.workers.child import Child, Limits, WorkerDied, sweep
from processor.rendering.workers.protocol import LARGEST_TASK, Done, FrameTooLarge, Task, frame_of
from processor.rendering.workers.turns import Turn, Turns

log = structlog.get_logger()

MOST_WAITING = 64
LONGEST_WAIT = 20.0
"""Seconds until a turn comes; who waits that long is told to come back."""
FIRST_DELAY, LONGEST_DELAY = 0.1, 10.0
"""Seconds before another worker is started where one could not start."""
MOST_STARTS = 3
"""Workers of a stranger's template that die before they are ready: then it is the template."""
LET_END = 1.0
"""Seconds that a document nobody waits for any more may still take. Nearly all are done by then, and a new worker costs half
a second of processor time; what takes longer would keep others waiting."""


def _stopping() -> EngineUnavailable:
    return EngineUnavailable("The service is stopping.")


class Pool:
    """`workers` processes, the first of which is kept free for what people wait for if there is more than one. It is one more
    than there are processors for, so while it is busy another waits.

    Workers start with the first that is asked of them, or with `start`.
    """

    def __init__(
        self, *, workers: int = 2, limits: Limits | None = None, stranger: Path | None = None
    ) -> None:
        self._workers, self._limits, self._stranger = workers, limits or Limits(), stranger
        self._children: set[Child] = set()
        self._idle: list[Child] = []
        self._given: dict[Child, Turn] = {}
        self._turns = Turns(MOST_WAITING, at_once=max(workers - 1, 1))
        self._leaving: set[Child] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_started = False
        self._stopping = asyncio.Event()

    @property
    def pids(self) -> list[int]:
        """The processes there are."""
        return sorted(child.pid for child in self._children)

    @property
    def busy(self) -> list[int]:
        """Those of them that render right now."""
        return sorted(child.pid for child in self._children if child in self._given)

    @property
    def is_whole(self) -> bool:
        """Whether all workers are ready."""
        return len(self._idle) + len(self.busy) >= self._workers

    def start(self) -> None:
        """Begin to start the workers."""
        if not self._is_started:
            self._is_started = True
            sweep()
            for number in range(self._workers):
                self._background(self._add(is_kept_free=number == 0 and self._workers > 1))

    async def stop(self) -> None:
        """End the workers: at once those that are at something, and who waits for that is told."""
        self._stopping.set()
        for turn in self._turns:
            if not turn.child.done():
                turn.child.set_exception(_stopping())
        ended = self._children | self._leaving
        for child in ended - set(self._idle):
            child.kill()
        while self._tasks:
            await asyncio.wait(self._tasks)
        await asyncio.gather(*(child.end() for child in ended))
        self._children.clear()

    async def run(self, task: Task, *, priority: Priority = "normal", affinity: str = "") -> Done:
        """What comes of the task. Raises RenderFailed, RenderTimedOut or EngineUnavailable.

        `affinity` names the document: the worker that rendered it last still knows most of its layout. A worker that dies
        by itself may have been hit by anything, so the task is tried once more.
        """
        self.start()
        try:
            frame = frame_of(task, largest=LARGEST_TASK)
        except FrameTooLarge:
            raise RenderFailed("The document is too large.") from None
        try:
            return await self._attempt(frame, priority, affinity)
        except WorkerDied:
            pass
        try:
            return await self._attempt(frame, priority, affinity)
        except WorkerDied:
            raise RenderFailed("The document broke what renders it.") from None

    async def _attempt(self, frame: bytes, priority: Priority, affinity: str) -> Done:
        if self._stopping.is_set():
            raise _stopping()
        child = await self._acquire(priority, affinity)
        # A task of its own, because a worker has to be heard to the end, also when the caller has gone.
        answering = self._background(self._answer(child, frame, priority, affinity))
        try:
            return await asyncio.shield(answering)
        except asyncio.CancelledError:
            if not answering.done():
                asyncio.get_running_loop().call_later(LET_END, self._give_up, child, answering)
            raise

    async def _acquire(self, priority: Priority, affinity: str) -> Child:
        turn = self._turns.join(priority, affinity)
        self._dispatch()
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                return await turn.child
        except BaseException as error:
            self._turns.leave(turn)
            if turn.child.done() and not turn.child.cancelled() and not turn.child.exception():
                self._release(turn.child.result())
            if isinstance(error, TimeoutError):
                raise EngineUnavailable("Rendering takes too long right now.", retry_after=5) from None
            raise

    def _dispatch(self) -> None:
        def give(turn: Turn, child: Child) -> None:
            self._idle.remove(child)
            if turn.child.done():  # it is leaving
                self._idle.append(child)
            else:
                self._given[child] = turn
                turn.child.set_result(child)

        self._turns.serve(self._idle, self._given, give)

    async def _answer(self, child: Child, frame: bytes, priority: Priority, affinity: str) -> Done:
        try:
            return await child.answer(frame, affinity, is_interactive=priority == "interactive")
        finally:
            if child.is_broken:
                self._lose(child)
            else:
                self._release(child)

    @staticmethod
    def _give_up(child: Child, answering: "asyncio.Task[Done]") -> None:
        if not answering.done():
            child.kill()

    def _release(self, child: Child) -> None:
        self._given.pop(child, None)
        if child in self._leaving:
            self._end(child)
            self._dispatch()
            return
        if child.is_spent and not child.has_successor:
            child.has_successor = True
            self._background(self._succeed(child))
        self._idle.append(child)
        self._dispatch()

    def _lose(self, child: Child) -> None:
        """A worker was killed or died: another takes its place."""
        self._children.discard(child)
        self._given.pop(child, None)
        LOST.inc()
        log.warning("render_worker_lost", pid=child.pid, documents=child.documents)
        self._end(child)
        if not child.has_successor:
            self._background(self._add(is_kept_free=child.is_kept_free))
        self._dispatch()

    async def _succeed(self, old: Child) -> None:
        """Replace a worker that has done its share, which goes on until the other is ready."""
        await self._add(is_kept_free=old.is_kept_free)
        if old not in self._children:
            return
        self._children.discard(old)
        if old in self._idle:
            self._idle.remove(old)
            self._end(old)
        else:
            self._leaving.add(old)

    async def _add(self, *, is_kept_free: bool) -> None:
        """Start a worker; again, ever later, until there is one. With the template of a stranger there may never be."""
        delay, died = FIRST_DELAY, 0
        while not self._stopping.is_set():
            try:
                await self._start(Child(self._limits, is_kept_free=is_kept_free, stranger=self._stranger))
            except (WorkerDied, OSError) as error:
                if self._stopping.is_set():
                    return
                log.warning("render_worker_not_started", reason=str(error))
                died += isinstance(error, WorkerDied)
                if self._stranger is not None and died == MOST_STARTS:
                    self._give_up_on_template()
                    return
                await self._pause(delay)
                delay = min(delay * 2, LONGEST_DELAY)
            else:
                return

    def _give_up_on_template(self) -> None:
        """Tell those who wait; who comes later has it tried again."""
        self._is_started = False
        for turn in self._turns:
            if not turn.child.done():
                turn.child.set_exception(RenderFailed("The template cannot be loaded."))

    async def _start(self, child: Child) -> None:
        self._children.add(child)
        try:
            await child.start()
        except (WorkerDied, OSError):
            self._children.discard(child)
            child.kill()
            self._end(child)
            raise
        self._idle.append(child)
        self._dispatch()

    def _end(self, child: Child) -> None:
        self._leaving.discard(child)
        self._background(child.end())

    def _background(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _forget(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        with contextlib.suppress(asyncio.CancelledError):
            task.exception()  # whoever waited was told
