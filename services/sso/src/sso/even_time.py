"""Answers that take the same time whatever they found (SECURITY 5)."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LEAST = 0.1
"""Seconds; several times what the work inside takes. On a machine too busy for that, noise hides the difference."""


@asynccontextmanager
async def even_time() -> AsyncIterator[None]:
    """Let the block take LEAST seconds. Its transaction belongs inside, so that nothing is held while it waits."""
    end = time.monotonic() + LEAST
    yield
    await asyncio.sleep(end - time.monotonic())
