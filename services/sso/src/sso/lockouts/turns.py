"""Who waits for whom: those with the same key go one after the other, or a few at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

MOST_WAITING = 256


class LineTooLong(Exception):
    """Too many wait for this key already."""


class _Line(msgspec.Struct):
    places: asyncio.Semaphore
    users: int = 0


class Turns:
    """At most `at_once` hold the same key in this process, and MOST_WAITING wait. What nobody holds or waits for takes
    no memory."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lines: dict[bytes, _Line] = {}

    def __len__(self) -> int:
        return len(self._lines)

    @asynccontextmanager
    async def of(self, key: bytes) -> AsyncIterator[None]:
        """Hold `key` once it is one's turn. Raises LineTooLong."""
        line = self._lines.setdefault(key, _Line(asyncio.Semaphore(self._at_once)))
        if line.users >= self._at_once + MOST_WAITING:
            raise LineTooLong
        line.users += 1
        try:
            async with line.places:
                yield
        finally:
            line.users -= 1
            if line.users == 0:
                del self._lines[key]
