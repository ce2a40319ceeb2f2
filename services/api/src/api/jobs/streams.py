"""The server-sent events of a job (HTML Standard, section 9.2): its state now, then every change until it is final."""

import re
from collections.abc import AsyncIterator, Callable

import msgspec
from litestar.response.sse import ServerSentEventMessage
from litestar.types import ASGIApp, Receive, Scope, Send

from api.jobs import queries, service
from api.jobs.live import JobFeed, Watch
from api.jobs.models import JobStatus
from api.jobs.schemas import JobRead
from common.db import Database
from common.problems import Problem

HEARTBEAT = 15.0
"""Seconds of silence after which a comment keeps proxies from closing the connection."""
POLL_EVERY = 2.0
"""Seconds between two looks while news cannot arrive by themselves."""
_EVENT_ID = re.compile(r"[0-9]{1,18}")
"""What every `seq` looks like. Python refuses to read digits by the thousand."""


class TooManyStreams(Problem):
    status, code, title = 429, "TOO_MANY_STREAMS", "Too many event streams are open"


class JobStream:
    """The events of one job for one client. `seen` is the `seq` that it has already, by its `Last-Event-ID`.

    It ends too as soon as `may_follow` says no, which it is asked before each event and each heartbeat.
    """

    def __init__(
        self, database: Database, feed: JobFeed, job: JobStatus, *, seen: int, may_follow: Callable[[], bool]
    ) -> None:
        self._database, self._feed, self._job, self._seen = database, feed, job, seen
        self._may_follow = may_follow
        self._told: JobRead | None = None

    async def events(self) -> AsyncIterator[ServerSentEventMessage]:
        with self._feed.watch(self._job.id) as watch:
            job = await self._look()  # again: it may have moved before the watch began
            while job is not None and self._may_follow():
                if (event := self._event(job)) is not None:
                    yield event
                if service.is_final(job) or self._feed.closed:
                    return
                if not await self._wait(watch) and self._may_follow():
                    yield ServerSentEventMessage(data=None, comment="still here")
                job = await self._look()

    def _event(self, job: JobStatus) -> ServerSentEventMessage | None:
        """What to tell of `job`: a state that is new to the client, or a progress; None if it knows all."""
        read = service.shape(job, self._feed.progress(job.id))
        told, self._told = self._told, read
        if job.seq > self._seen:
            name = "state"
        elif told is not None and (told.progress, told.stage) != (read.progress, read.stage):
            name = "progress"
        else:
            return None
        self._seen = job.seq
        return ServerSentEventMessage(id=job.seq, event=name, data=msgspec.json.encode(read))

    async def _wait(self, watch: Watch) -> bool:
        """Wait for news; False after a silence that a heartbeat has to fill."""
        left = HEARTBEAT
        while left > 0:
            pause = left if self._feed.is_live else min(left, POLL_EVERY)
            if await watch.wait(pause):
                return True
            left -= pause
            if not self._feed.is_live and await self._has_moved():
                return True
        return False

    async def _has_moved(self) -> bool:
        job = await self._look()
        return job is None or job.seq > self._seen

    async def _look(self) -> JobStatus | None:
        async with self._database.read() as db:
            return await queries.find(db, self._job.id, owner_id=self._job.owner_id)


def seen_by(last_event_id: str | None) -> int:
    """The `seq` in a `Last-Event-ID`; -1, which is before every state, if there is none that we gave."""
    return int(last_event_id) if last_event_id and _EVENT_ID.fullmatch(last_event_id) else -1


def admitted(app: ASGIApp) -> ASGIApp:
    """Middleware: the request counts as a stream of its user until all of it is sent, or nobody reads it any more.

    Raises TooManyStreams if the user has as many open here as one may.
    """

    async def count(scope: Scope, receive: Receive, send: Send) -> None:
        state, user = scope["litestar_app"].state, scope["auth"].subject
        streams, most = state.feed.streams, state.settings.streams_per_user
        if streams[user] >= most:
            raise TooManyStreams(f"At most {most} may be open at a time.", headers={"Retry-After": "5"})
        streams[user] += 1
        try:
            await app(scope, receive, send)
        finally:
            streams[user] -= 1
            if not streams[user]:
                del streams[user]

    return count
