"""Counting openings without holding them up: in memory, and into the database every few seconds.

Who came is known to nobody: an address is in memory until it is made into a mark of its day (`service.add`), and never
anywhere else.
"""

import asyncio
import re
from contextlib import suppress
from datetime import UTC, date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from litestar import Request
from sqlalchemy.exc import SQLAlchemyError

from api.shares.views import service
from api.shares.views.service import Day
from common.db import Database
from common.ids import now
from common.limits import network_of

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between two writes; that much of the statistics is lost with a process that is killed."""
MOST_VISITS = 20_000
"""Visitors that are remembered between two writes; beyond them views are counted, and nobody tells visitors apart."""
_BOTS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|facebookexternalhit|whatsapp|telegram|embedly|curl/|wget/|python|java/|"
    r"go-http|okhttp|axios|libwww|headless|lighthouse|monitor|uptime|scan|fetch",
    re.IGNORECASE,
)
_HOST = re.compile(r"[a-z0-9.-]{1,100}")


def is_bot(request: Request[Any, Any, Any]) -> bool:
    """Whether a program opens the page, by what it calls itself."""
    agent = request.headers.get("user-agent", "")
    return not agent or _BOTS.search(agent) is not None


class Counting:
    def __init__(self, database: Database, *, public_url: str) -> None:
        self._database = database
        self._own = (urlsplit(public_url).hostname or "").lower()
        self._days: dict[tuple[UUID, date], Day] = {}
        self._visits = 0
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write what is left."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    def viewed(self, request: Request[Any, Any, Any], share_id: UUID, *, counts_opens: bool) -> None:
        """Somebody sees the page. `counts_opens`: the link itself does not count, for it may be opened any number of
        times."""
        if is_bot(request):
            return
        day = self._day(share_id)
        day.views += 1
        day.opens += counts_opens
        if host := self._referrer(request):
            day.referrers[host] += 1
        if self._visits < MOST_VISITS:
            self._visits += 1
            address = request.app.state.client_address(request)
            day.visitors.add((network_of(address), request.headers.get("user-agent", "")[:300]))

    def downloaded(self, request: Request[Any, Any, Any], share_id: UUID) -> None:
        if not is_bot(request):
            self._day(share_id).downloads += 1

    def _day(self, share_id: UUID) -> Day:
        key = (share_id, now().astimezone(UTC).date())
        day = self._days.get(key)
        if day is None:
            day = self._days[key] = Day()
        return day

    def _referrer(self, request: Request[Any, Any, Any]) -> str:
        """The host of the page that led here, without what else its address tells."""
        try:
            host = (urlsplit(request.headers.get("referer", "")).hostname or "").lower()
        except ValueError:
            return ""
        return host if host != self._own and _HOST.fullmatch(host) else ""

    async def _run(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), EVERY)
            await self._flush()

    async def _flush(self) -> None:
        if not self._days:
            return
        days, self._days, self._visits = self._days, {}, 0
        try:
            async with self._database.write() as db:
                await service.add(db, days)
        except SQLAlchemyError as error:
            log.warning("share_views_wait", reason=type(error).__name__)
            self._put_back(days)
        except Exception as error:  # the next ones are counted, whatever is wrong with these
            log.error("share_views_lost", exc_info=error)

    def _put_back(self, days: dict[tuple[UUID, date], Day]) -> None:
        for key, day in days.items():
            self._days[key] = day + self._days.get(key, Day())
        self._visits = sum(len(day.visitors) for day in self._days.values())
