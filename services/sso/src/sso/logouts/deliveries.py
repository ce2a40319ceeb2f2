"""Bringing logout tokens to clients (Back-Channel Logout 1.0 section 2.5), by one process at a time.

A row is there until the client has answered with success, so a token may come twice and never not at all, unless the
client is away for a day. A client that is slow or away holds up no other: few requests at once go to each.
"""

import asyncio
import random
from collections import Counter
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from uuid import UUID

import httpx
import structlog

from common.db import Database
from common.ids import now
from common.leader import lead
from sso import outcomes
from sso.logouts import queries
from sso.logouts.models import BackchannelLogout
from sso.logouts.tokens import LogoutTokens

log = structlog.get_logger()

LOOK_EVERY = 0.5
TIMEOUT = 5.0
"""Seconds from the first byte of a request to the status of its answer."""
AT_ONCE, AT_ONCE_TO_ONE = 16, 4
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=5), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)


class Deliveries:
    def __init__(self, database: Database, tokens: LogoutTokens) -> None:
        self._database, self._tokens = database, tokens
        self._under_way: dict[UUID, str] = {}
        self._finished = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(lead(self._database, "backchannel-logouts", self._deliver))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _deliver(self) -> None:
        # Redirects are not followed: only what was registered is told. No proxy of the environment, no cookies.
        client = httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False)
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._under_way.clear()
        async with client as http, asyncio.TaskGroup() as group:
            while True:
                self._finished.clear()
                for logout in await self._due():
                    group.create_task(self._tell(http, logout))
                await self._pause()

    async def _due(self) -> list[BackchannelLogout]:
        """What may be sent now; from here on it is under way."""
        to_each = Counter(self._under_way.values())
        free = AT_ONCE - len(self._under_way)
        if free <= 0:
            return []
        async with self._database.read() as db:
            rows = await queries.due(
                db,
                at=now(),
                busy=[client_id for client_id, count in to_each.items() if count >= AT_ONCE_TO_ONE],
                under_way=list(self._under_way),
                limit=free,
            )
        chosen = []
        for logout in rows:
            if to_each[logout.client_id] < AT_ONCE_TO_ONE:
                to_each[logout.client_id] += 1
                self._under_way[logout.id] = logout.client_id
                chosen.append(logout)
        return chosen

    async def _pause(self) -> None:
        """Until something has finished and more may begin; or a while, in which something may have become due."""
        try:
            await asyncio.wait_for(self._finished.wait(), LOOK_EVERY)
        except TimeoutError:
            return

    async def _tell(self, http: httpx.AsyncClient, logout: BackchannelLogout) -> None:
        try:
            if await self._is_taken(http, logout):
                await self._settle(logout, "delivered")
            elif now() - logout.created_at >= GIVE_UP_AFTER:
                log.warning(
                    "backchannel_logout_given_up", client_id=logout.client_id, attempts=logout.attempts + 1
                )
                await self._settle(logout, "given_up")
            else:
                await self._postpone(logout)
        except Exception as error:  # noqa: BLE001 (a locked database, say: the row is there, and due again)
            log.warning("backchannel_logout_not_settled", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY)
        finally:
            self._under_way.pop(logout.id, None)
            self._finished.set()

    async def _is_taken(self, http: httpx.AsyncClient, logout: BackchannelLogout) -> bool:
        """Whether the client took the token. Of its answer no more is read than the status."""
        form = {"logout_token": await self._tokens.of(logout)}
        try:
            async with asyncio.timeout(TIMEOUT), http.stream("POST", logout.uri, data=form) as answer:
                return answer.is_success
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            log.info("backchannel_logout_failed", client_id=logout.client_id, error=type(error).__name__)
            return False

    async def _settle(self, logout: BackchannelLogout, outcome: str) -> None:
        async with self._database.write() as db:
            await queries.forget(db, logout.id)
        outcomes.count("backchannel_logout", outcome)

    async def _postpone(self, logout: BackchannelLogout) -> None:
        async with self._database.write() as db:
            await queries.postpone(db, logout.id, until=next_attempt(logout.attempts, at=now()))
        outcomes.count("backchannel_logout", "failed")


def next_attempt(attempts: int, *, at: datetime) -> datetime:
    """When to try again after `attempts` failures and one more: later each time, and not all at the same moment."""
    delay: timedelta = min(FIRST_DELAY * 2 ** min(attempts, 20), LONGEST_DELAY)
    return at + delay * random.uniform(0.5, 1.5)  # noqa: S311 (it only spreads them)
