"""What was fetched from a provider once, and is not asked for again at every sign-in."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

from sso.identities.problems import ProviderUnavailable

log = structlog.get_logger()

T = TypeVar("T")
FRESH_FOR = 3600.0
"""Seconds after which a document is fetched anew, where the provider answers."""
REFETCH_AFTER = 30.0
"""Seconds in which an unknown `kid` does not lead to another request."""
RETRY_AFTER = 1.0
"""Seconds after a fetch that failed in which nobody tries again: a provider that hangs must not hold up everybody."""


class Kept(Generic[T]):
    """What `fetch` gave, until it is due again; and for as long as the provider is away."""

    def __init__(self, fetch: Callable[[], Awaitable[T]]) -> None:
        self._fetch = fetch
        self._value: T | None = None
        self._fetched_at = 0.0
        self._not_before = 0.0
        self._fetching = asyncio.Lock()

    async def get(self, *, renewed: bool = False) -> T:
        """The value; with `renewed` a newer one, if the last fetch is long enough ago. Raises ProviderUnavailable."""
        if self._is_due(renewed=renewed):
            async with self._fetching:
                # Whoever waited finds it fetched, or that it is too early to try again.
                if self._is_due(renewed=renewed):
                    await self._refetch()
        if self._value is None:
            raise ProviderUnavailable("failed a moment ago")
        return self._value

    def _is_due(self, *, renewed: bool) -> bool:
        at = time.monotonic()
        age = at - self._fetched_at
        is_wanted = self._value is None or age >= (REFETCH_AFTER if renewed else FRESH_FOR)
        return is_wanted and at >= self._not_before

    async def _refetch(self) -> None:
        try:
            self._value = await self._fetch()
        except ProviderUnavailable as error:
            self._not_before = time.monotonic() + (RETRY_AFTER if self._value is None else REFETCH_AFTER)
            if self._value is None:
                raise
            log.warning("provider_document_not_renewed", reason=error.reason)
        else:
            self._fetched_at = time.monotonic()
