"""Tasks beside the requests and jobs of a service: begun after its start, ended before it closes."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger()

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0


class Background:
    """A handful of tasks that end with the service."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def until_done(name: str, action: Callable[[], Awaitable[None]]) -> None:
    """Do `action` again, ever later, until it does not raise."""
    delay = FIRST_DELAY
    while True:
        try:
            await action()
        except Exception as error:  # noqa: BLE001 (what it needs is not there yet, whatever that is)
            log.warning("background_task_failed", task=name, error=type(error).__name__)
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)
        else:
            log.info("background_task_finished", task=name)
            return


async def repeated(name: str, action: Callable[[], Awaitable[None]], *, every: float) -> None:
    """Do `action` again and again, `every` so many seconds; a time that fails is only logged."""
    while True:
        try:
            await action()
        except Exception as error:  # noqa: BLE001 (the next time will do)
            log.warning("background_task_failed", task=name, error=type(error).__name__)
        await asyncio.sleep(every)
