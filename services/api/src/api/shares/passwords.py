"""Passwords of links: Argon2id, off the event loop, at most as many at once as there are cores (SECURITY 4)."""

import asyncio
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.settings import Settings
from common.problems import Unavailable

T = TypeVar("T")

LONGEST = 128
WAITING_PER_CORE = 32
"""Passwords that may be at work or wait; the last of them then waits for some three seconds."""


class HashingBusy(Unavailable):
    """More passwords than can be hashed while somebody waits. Nothing was done or counted."""

    def __init__(self) -> None:
        super().__init__("Too many passwords are checked at this moment; try again shortly.", retry_after=5)


class Passwords:
    """Hashes and verifies. Never call it inside a transaction: a hash takes a tenth of a second."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_parallelism,
        )
        at_once = len(os.sched_getaffinity(0))
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="argon2")
        self._places = at_once * WAITING_PER_CORE

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """The encoded hash of `password`. Raises HashingBusy."""
        return await self._in_thread(lambda: self._hasher.hash(_as_hashed(password)))

    async def verify(self, password: str, known: str) -> bool:
        """Whether `password` belongs to the hash `known`. Raises HashingBusy."""

        def matches() -> bool:
            try:
                return self._hasher.verify(known, _as_hashed(password))
            except VerificationError:
                return False

        return await self._in_thread(matches)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._places <= 0:
            raise HashingBusy
        self._places -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._places += 1


PasswordHashing = NamedDependency[SkipValidation[Passwords]]


def _as_hashed(password: str) -> bytes:
    """NFKC, so that a password is the same from every keyboard; cut beyond what is accepted."""
    return unicodedata.normalize("NFKC", password[: LONGEST + 1]).encode()
