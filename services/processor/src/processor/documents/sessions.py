"""Sessions of editors: only the newest picture counts, so what was asked for before is dropped when more is asked for."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from common.problems import Problem

T = TypeVar("T")


class Superseded(Problem):
    status, code, title = 409, "SUPERSEDED", "A newer preview was asked for"


class Sessions:
    """The one thing that each session waits for."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], asyncio.Task[Any]] = {}

    async def run(self, user: str, session: str, work: Coroutine[Any, Any, T]) -> T:
        """What comes of the work. Raises Superseded when the user asks for more in the session before it is done."""
        key, task = (user, session), asyncio.ensure_future(work)
        if (older := self._newest.get(key)) is not None:
            older.cancel()
        self._newest[key] = task
        try:
            return await task
        except asyncio.CancelledError:
            if self._newest.get(key) is not task:
                raise Superseded from None
            raise
        finally:
            if self._newest.get(key) is task:
                del self._newest[key]
