"""Passwords hashed off the event loop: at most as many hashes at once as there are cores (SECURITY 4)."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from argon2 import extract_parameters
from prometheus_client import Counter

from common.ids import new_token
from common.problems import Unavailable
from sso.passwords import argon2id, cores
from sso.passwords.policy import as_hashed
from sso.settings import Settings

T = TypeVar("T")

HASHES = Counter(
    "sso_password_hashes_total", "Passwords hashed, by whose hash: new, account or nobody", ["of"]
)
WAITING_PER_CORE = 128
"""Requests with a password that may be at work or wait; the last of them then waits for 10 to 20 seconds."""
_WORKING_PER_CORE = 2
"""While one password is hashed, the request that comes next reads and writes what it has to."""
_NICE = 10
"""How much the threads that hash give way to the event loop, on the scale of nice(1)."""


class HashingBusy(Unavailable):
    """More passwords than can be hashed while somebody waits. Nothing was done or counted."""

    def __init__(self) -> None:
        super().__init__("Too many people sign in at this moment; try again shortly.", retry_after=5)


class Passwords:
    """Hashes and verifies. Never call it inside a transaction: a hash takes a tenth of a second."""

    def __init__(self, settings: Settings) -> None:
        self._parameters = argon2id.parameters(
            time=settings.argon2_time,
            memory_kib=settings.argon2_memory_kib,
            lanes=settings.argon2_parallelism,
        )
        at_once = settings.argon2_concurrency or cores.usable()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="argon2", initializer=_give_way)
        self._places = at_once * WAITING_PER_CORE
        self._working = asyncio.Semaphore(at_once * _WORKING_PER_CORE)
        self._nobodys = ""

    async def start(self) -> None:
        """Make the hash that is verified where there is no account, so that both take the same time."""
        self._nobodys = await self.hash(new_token())

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place in the queue, for all that a request does about a password. Raises HashingBusy where there is none.

        The block begins when the request's hash is one of the next. Of a crowd the others wait here, before they have
        cost the database and the event loop anything that requests of other kinds would have to wait for.
        """
        if self._places <= 0:
            raise HashingBusy
        self._places -= 1
        try:
            async with self._working:
                yield
        finally:
            self._places += 1

    async def hash(self, password: str) -> str:
        """The encoded hash of `password`, which the policy has accepted."""
        HASHES.labels("new").inc()
        secret = as_hashed(password)
        return await self._in_thread(lambda: argon2id.hashed(secret, self._parameters))

    async def verify(self, password: str, known: str | None) -> bool:
        """Whether `password` belongs to the hash `known`; just as slowly False where there is none."""
        HASHES.labels("nobody" if known is None else "account").inc()
        secret = as_hashed(password)
        matches = await self._in_thread(lambda: argon2id.matches(secret, known or self._nobodys))
        return matches and known is not None

    def is_outdated(self, known: str) -> bool:
        """Whether the hash `known` was made with other parameters than today's."""
        return extract_parameters(known) != self._parameters

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _give_way() -> None:
    """Lower this thread's priority: hashes get what the event loop leaves over."""
    thread = threading.get_native_id()
    with suppress(OSError):  # some sandboxes forbid it
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _NICE)
