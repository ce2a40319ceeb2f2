"""The connection to NATS: it comes and goes, the service stays.

`Bus` connects in the background and for ever, ensures its streams whenever it (re)connects, and fails fast with
`BusUnavailable` while there is no connection, so that callers fall back instead of waiting.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.js.api import PubAck, StreamConfig
from nats.js.client import JetStreamContext
from nats.js.errors import APIError

log = structlog.get_logger()

_RECONNECT_EVERY = 0.5
_STREAM_NAME_IN_USE = 10058


class BusUnavailable(Exception):
    """There is no connection to NATS, or it did not answer in time."""


class Bus:
    """One connection for the process. `ready` is set while it is connected and its streams are there."""

    def __init__(self, url: str, *, name: str, streams: list[StreamConfig]) -> None:
        self._url = url
        self._name = name
        self._streams = streams
        self._client = Client()
        self._js: JetStreamContext | None = None
        self._task: asyncio.Task[None] | None = None
        self._on_connect: list[Callable[[], Awaitable[None]]] = []
        self._on_disconnect: list[Callable[[], None]] = []
        self.ready = asyncio.Event()

    def on_connect(self, action: Callable[[], Awaitable[None]]) -> None:
        """Run `action` after every (re)connect, before `ready` is set."""
        self._on_connect.append(action)

    def on_disconnect(self, action: Callable[[], None]) -> None:
        self._on_disconnect.append(action)

    async def start(self, *, wait: float = 5.0) -> None:
        """Connect in the background; return when that is done, or after `wait` seconds in any case."""
        self._task = asyncio.create_task(self._connect())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ready.wait(), wait)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.ready.clear()
        if not self._client.is_closed:
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                await self._client.close()

    @property
    def raw(self) -> Client:
        """The connection as it is, also in `on_connect` actions, before `ready` is set."""
        return self._client

    @property
    def client(self) -> Client:
        if not self.ready.is_set():
            raise BusUnavailable("not connected to NATS")
        return self._client

    async def publish(
        self, subject: str, payload: bytes, *, headers: dict[str, str] | None = None, within: float = 3.0
    ) -> PubAck:
        """Publish to a stream and wait, at most `within` seconds, for its acknowledgement (written and fsynced)."""
        if self._js is None or not self.ready.is_set():
            raise BusUnavailable("not connected to NATS")
        try:
            return await self._js.publish(subject, payload, headers=headers, timeout=within)
        except (NatsError, APIError, OSError, TimeoutError) as error:
            raise BusUnavailable(f"{subject}: {error!r}") from error

    async def request(self, subject: str, payload: bytes, *, within: float = 1.0) -> Msg:
        """A core NATS request; the reply, whatever its status header says."""
        try:
            return await self.client.request(subject, payload, timeout=within)
        except NoRespondersError as error:
            raise BusUnavailable(f"nobody answers on {subject}") from error
        except (NatsError, OSError, TimeoutError) as error:
            raise BusUnavailable(f"{subject}: {error!r}") from error

    async def send(self, subject: str, payload: bytes) -> None:
        """A core NATS message to whoever listens right now; lost without harm when there is no connection."""
        if self.ready.is_set():
            with contextlib.suppress(NatsError, OSError):
                await self._client.publish(subject, payload)

    async def listen(self, subject: str, receive: Callable[[Msg], Awaitable[None]]) -> Subscription:
        """Subscribe to core NATS; the subscription outlives reconnects (messages in between are not seen)."""
        return await self.client.subscribe(subject, cb=receive)

    @property
    def jetstream(self) -> JetStreamContext:
        """JetStream's API; unlike the rest it works in `on_connect` actions too, before `ready` is set."""
        if self._js is None:
            raise BusUnavailable("not connected to NATS")
        return self._js

    async def _connect(self) -> None:
        while True:
            try:
                self._client = await nats.connect(
                    self._url,
                    name=self._name,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=_RECONNECT_EVERY,
                    connect_timeout=2,
                    ping_interval=5,
                    max_outstanding_pings=2,
                    error_cb=self._failed,
                    disconnected_cb=self._disconnected,
                    reconnected_cb=self._prepare,
                )
                await self._prepare()
                return
            except Exception as error:  # noqa: BLE001 (whatever it was, without a connection there is nothing else to do)
                log.warning("nats_unreachable", error=type(error).__name__)
                await asyncio.sleep(_RECONNECT_EVERY)

    async def _prepare(self) -> None:
        """Make ready after a (re)connect. JetStream may come up later than the port does, so this tries again."""
        self._js = self._client.jetstream(timeout=3)
        while self._client.is_connected:
            try:
                for stream in self._streams:
                    await ensure(self._js, stream)
                for action in self._on_connect:
                    await action()
            except Exception as error:  # noqa: BLE001 (the same)
                log.warning("nats_not_ready", error=repr(error))
                await asyncio.sleep(_RECONNECT_EVERY)
            else:
                self.ready.set()
                log.info("nats_connected")
                return

    async def _disconnected(self) -> None:
        if self.ready.is_set():
            log.warning("nats_disconnected")
        self.ready.clear()
        for action in self._on_disconnect:
            action()

    async def _failed(self, error: Exception) -> None:
        # Reconnect attempts fail for as long as the server is away: the disconnect was logged already.
        if self.ready.is_set():
            log.warning("nats_error", error=repr(error))


async def ensure(js: JetStreamContext, config: StreamConfig) -> None:
    """Make the stream, or bring an existing one to `config`."""
    try:
        await js.add_stream(config)
    except APIError as error:
        if error.err_code != _STREAM_NAME_IN_USE:
            raise
        await js.update_stream(config)
