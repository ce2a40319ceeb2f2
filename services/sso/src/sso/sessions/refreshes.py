"""Refreshing, many at once: those that come while a transaction is being written go into the next one together.

A commit waits for the disk, which is most of what a refresh takes, and there is one writer. A single refresh waits for
nobody.
"""

import asyncio

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.db import Database
from common.problems import is_busy
from sso import outcomes
from sso.callers import Caller
from sso.sessions import rotations, service
from sso.sessions.answers import SignInAnswers
from sso.sessions.rotations import Outcome, Reused, Shown, SignedIn
from sso.sessions.successors import Successors

_MOST_AT_ONCE = 64

Waiting = tuple[Shown, asyncio.Future[Outcome]]


class Refreshes:
    """The refreshes of this process. `answers` come with them, because Litestar makes a task for each dependency where
    there are several, which would take as long as all else that it does for a request."""

    def __init__(self, database: Database, successors: Successors, answers: SignInAnswers) -> None:
        self._database, self._successors, self.answers = database, successors, answers
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def refresh(self, refresh_token: str, *, caller: Caller) -> SignedIn:
        """Rotate `refresh_token`, one of our own front ends. Raises RefreshTokenInvalid or TokenReused, after what
        follows from it is committed."""
        outcome = await self._turn(Shown(refresh_token))
        if isinstance(outcome, SignedIn):
            outcomes.count("refresh", "succeeded")
            return outcome
        if isinstance(outcome, Reused):
            outcomes.count("refresh", "reused")
            # By itself, because more is written than others should wait for.
            return await service.refresh(
                self._database, refresh_token, successors=self._successors, caller=caller
            )
        outcomes.count("refresh", "refused")
        raise service.RefreshTokenInvalid

    def _turn(self, shown: Shown) -> asyncio.Future[Outcome]:
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((shown, outcome))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return outcome

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            await self._together(group)
        self._writing = None

    async def _together(self, group: list[Waiting]) -> None:
        try:
            async with self._database.write() as db:
                made = await rotations.rotate(db, [shown for shown, _ in group], successors=self._successors)
        except Exception as error:  # noqa: BLE001 (whoever waits is told)
            await self._tell(group, error)
        else:
            for (_, outcome), result in zip(group, made, strict=True):
                if not outcome.done():
                    outcome.set_result(result)

    async def _tell(self, group: list[Waiting], error: Exception) -> None:
        """Without the database nobody can refresh. What else went wrong for one must not go wrong for all: each gets a
        transaction of its own."""
        if len(group) > 1 and not (isinstance(error, (DBAPIError, PoolTimeout)) and is_busy(error)):
            for one in group:
                await self._together([one])
            return
        for _, outcome in group:
            if not outcome.done():
                outcome.set_exception(error)
