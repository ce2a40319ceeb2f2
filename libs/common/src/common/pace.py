"""How often a loop goes round: at once where little happens, and under load seldom enough to find several things to do."""

import asyncio
import time


class Pace:
    """A round in `every` seconds, and `burst` rounds at once after a pause: a token bucket, kept as the time at which the next
    is due (the generic cell rate algorithm, ITU-T I.371)."""

    def __init__(self, every: float, *, burst: int = 1) -> None:
        self._every, self._ahead = every, every * burst
        self._due = float("-inf")

    async def keep(self) -> None:
        """Wait until the next round may begin."""
        now = time.monotonic()
        self._due = max(self._due, now - self._ahead) + self._every
        if self._due > now:
            await asyncio.sleep(self._due - now)
