"""How often a loop goes round: at once where little happens, and under load seldom enough to find several things to do."""

import asyncio
import time

TOGETHER, AT_ONCE = 0.05, 4
"""Seconds from one round to the next, and rounds without a pause before that counts: what comes in between is done together,
and who comes alone does not wait."""


class Pace:
    """A round in `every` seconds, and `burst` rounds at once after a pause: a token bucket, kept as the time at which the next
    is due (the generic cell rate algorithm, ITU-T I.371)."""

    def __init__(self, every: float = TOGETHER, *, burst: int = AT_ONCE) -> None:
        self._every, self._ahead = every, every * burst
        self._due = float("-inf")

    async def keep(self) -> None:
        """Wait until the next round may begin."""
        if (seconds := self.wait(time.monotonic())) > 0:
            await asyncio.sleep(seconds)

    def wait(self, now: float) -> float:
        """The seconds from `now` until the round that is asked for may begin, 0 or less for at once."""
        self._due = max(self._due, now - self._ahead) + self._every
        return self._due - now
