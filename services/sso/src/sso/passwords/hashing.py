"""Argon2id (RFC 9106) off the event loop: at most as many hashes at once as there are cores (SECURITY 4)."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from common.ids import new_token
from sso.passwords.policy import as_hashed
from sso.settings import Settings

T = TypeVar("T")


class Passwords:
    """Hashes and verifies. Never call it inside a transaction: a hash takes a tenth of a second."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_parallelism,
        )
        self._threads = ThreadPoolExecutor(len(os.sched_getaffinity(0)), thread_name_prefix="argon2")
        self._nobodys = ""

    async def start(self) -> None:
        """Make the hash that is verified where there is no account, so that both take the same time."""
        self._nobodys = await self.hash(new_token())

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """The encoded hash of `password`, which the policy has accepted."""
        secret = as_hashed(password)
        return await self._in_thread(lambda: self._hasher.hash(secret))

    async def verify(self, password: str, known: str | None) -> bool:
        """Whether `password` belongs to the hash `known`; just as slowly False where there is none."""
        secret = as_hashed(password)
        matches = await self._in_thread(lambda: self._matches(known or self._nobodys, secret))
        return matches and known is not None

    def is_outdated(self, known: str) -> bool:
        """Whether the hash `known` was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(known)

    def _matches(self, known: str, secret: bytes) -> bool:
        try:
            return self._hasher.verify(known, secret)
        except VerifyMismatchError:
            return False

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
