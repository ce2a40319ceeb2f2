"""How many deliveries are under way to one host: few, so that one that answers late, whoever has how many endpoints there,
does not hold all workers, and is not flooded in our name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

import httpx

from common.jobs import JobPostponed

MOST = 2
PATIENCE = 0.25
"""Seconds that a worker waits for a turn: hosts that answer at once give one within that."""


class Hosts:
    """The turns of one process, of each host that is just asked."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """A delivery to `url` for as long as this is entered. Raises JobPostponed while there are as many as may be."""
        turns = self._turns.setdefault(_host(url), asyncio.Semaphore(MOST))
        try:
            async with asyncio.timeout(PATIENCE):
                await turns.acquire()
        except TimeoutError:
            raise JobPostponed("other deliveries to this host are under way") from None
        try:
            yield
        finally:
            turns.release()


def _host(url: str) -> str:
    """As it is asked for; what is no address is refused where it is sent to."""
    try:
        return httpx.URL(url).host.rstrip(".")
    except httpx.InvalidURL:
        return ""
