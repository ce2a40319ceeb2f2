"""A durable pull consumer: messages come one at a time to each of a few workers, or several together where one
transaction takes them all, and are acked when their work is committed.

Own pull requests instead of nats-py's `fetch`: that one loses up to 18 s after a server restart (measured). Here a
request is sent again as soon as the connection is back, or when its idle heartbeat (1 s) stays away.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime

import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError, NotFoundError

from common import context
from common.bus import Bus, BusUnavailable
from common.pace import Pace

log = structlog.get_logger()

ACK_WAIT = 30.0
"""Seconds after which a message whose worker went silent is given to another."""
IN_PROGRESS_EVERY = 10.0
MOST_WAITING = 10_000
"""Messages that may wait for their retry. They count as pending, so a limit near the number of workers would let a few
that fail hold up all others; how many are worked on at once is the workers' to limit, by what they ask for."""
MOST_FAILURES = 20
"""Times in a row that a handler may raise for one message in this process: about a quarter of an hour."""
LONGEST_DELAY = 60.0
_PULL_FOR = 30.0
_HEARTBEAT = 1.0
_SILENCE = 2.5
_IDLE, _EXPIRED = "100", "408"
_NOT_UNIQUE = 10100
"""JetStream's error code where another consumer of a work queue has a part of the subjects already."""


class Delivery:
    """One message in our hands: answer it with one of `ack`, `retry`, `term`, unless it is another worker's by now."""

    def __init__(self, message: Msg) -> None:
        self._message = message
        self.data = message.data
        self.subject = message.subject
        self.headers = message.headers or {}
        self.attempt = message.metadata.num_delivered or 1
        self.stream_seq = message.metadata.sequence.stream
        self.published_at = message.metadata.timestamp or datetime.now(UTC)

    async def ack(self) -> None:
        await self._message.ack()

    async def retry(self, delay: float = 0.0) -> None:
        """Give it back, to be delivered again after `delay` seconds."""
        await self._message.nak(delay=delay or None)

    async def term(self) -> None:
        """Never deliver it again."""
        await self._message.term()

    async def in_progress(self) -> None:
        await self._message.in_progress()


class _Silent(Exception):
    """Neither a message nor a heartbeat came: the request was lost, or the loop was busy for long."""


Handle = Callable[[Delivery], Awaitable[None]]
HandleMany = Callable[[Sequence[Delivery]], Awaitable[None]]


class Consumer:
    """`workers` tasks that pull from one durable consumer and call `handle`.

    `handle` answers its delivery; if it raises, the message comes again, and after MOST_FAILURES goes to `bury`.
    `handle_many`, where it is given, is called with all that is there, `batch` at most, and answers them together; if it
    raises, each goes to `handle` by itself, so that one bad message fails alone. `admit` is awaited before more is
    asked for. `instead_of` names durable consumers of a release before, whose messages this one takes over.
    """

    def __init__(
        self,
        bus: Bus,
        *,
        stream: str,
        durable: str,
        subject: str | Sequence[str],
        handle: Handle,
        handle_many: HandleMany | None = None,
        batch: int = 1,
        admit: Callable[[], Awaitable[None]] | None = None,
        workers: int = 1,
        max_deliver: int = -1,
        ack_wait: float = ACK_WAIT,
        bury: Callable[[Delivery, str], Awaitable[None]] | None = None,
        instead_of: Sequence[str] = (),
    ) -> None:
        self._bus = bus
        self._stream = stream
        self._durable = durable
        self._handle, self._handle_many = handle, handle_many
        self._batch, self._admit = batch if handle_many else 1, admit
        self._workers = workers
        self._config = ConsumerConfig(
            durable_name=durable,
            filter_subject=subject if isinstance(subject, str) else None,
            filter_subjects=None if isinstance(subject, str) else list(subject),
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ack_wait,
            max_deliver=max_deliver,
            max_ack_pending=MOST_WAITING + 2 * workers * self._batch,
        )
        self._ack_wait = ack_wait
        self._bury, self._instead_of = bury, instead_of
        self._failures: dict[int, int] = {}
        self._draining = False
        self._inboxes: set[asyncio.Queue[Msg | None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        bus.on_connect(self._ensure)

    async def _ensure(self) -> None:
        try:
            await self._bus.jetstream.add_consumer(self._stream, self._config)
        except APIError as error:
            if error.err_code != _NOT_UNIQUE or not self._instead_of:
                raise
            for durable in self._instead_of:
                with contextlib.suppress(NotFoundError):
                    await self._bus.jetstream.delete_consumer(self._stream, durable)
            await self._bus.jetstream.add_consumer(self._stream, self._config)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._workers)]

    async def drain(self, grace: float) -> None:
        """Take no more, let what runs finish within `grace` seconds, then cancel it; nothing is lost either way."""
        self._draining = True
        for inbox in self._inboxes:
            inbox.put_nowait(None)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self) -> None:
        while not self._draining:
            try:
                await self._pull()
            except (BusUnavailable, NatsError, OSError, TimeoutError) as error:
                log.debug("pull_failed", durable=self._durable, error=repr(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._bus.ready.wait(), 0.5)
            except Exception as error:
                log.error("pull_crashed", durable=self._durable, exc_info=error)
                await asyncio.sleep(1)

    async def _pull(self) -> None:
        """Ask for messages on one inbox until it falls silent, the connection breaks or the service drains.

        A request that was silent may still be alive on the server; with its inbox it goes. So there is never more
        than one a worker, and a message never waits behind others but for as long as it takes to handle them together.
        """
        inbox: asyncio.Queue[Msg | None] = asyncio.Queue()
        address = self._bus.client.new_inbox()
        subscription = await self._bus.client.subscribe(address, cb=inbox.put)
        self._inboxes.add(inbox)
        try:
            left, pace = 0, Pace()
            while not self._draining:
                if not left:
                    left = await self._ask(address)
                if self._handle_many is not None:
                    await pace.keep()
                message = await self._next(inbox)
                if message is None:
                    left = 0
                    continue
                messages = [message, *_here(inbox, left - 1)]
                left -= len(messages)
                await self._process_all([Delivery(message) for message in messages])
        except _Silent:
            log.debug("pull_silent", durable=self._durable)
        finally:
            self._inboxes.discard(inbox)
            await _give_back(subscription, inbox)

    async def _ask(self, address: str) -> int:
        """Ask for as many messages as it returns."""
        if self._admit is not None:
            await self._admit()
        request = {
            "batch": self._batch,
            "expires": int(_PULL_FOR * 1e9),
            "idle_heartbeat": int(_HEARTBEAT * 1e9),
        }
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._durable}"
        await self._bus.client.publish(subject, json.dumps(request).encode(), reply=address)
        return self._batch

    async def _next(self, inbox: "asyncio.Queue[Msg | None]") -> Msg | None:
        """The next message; None when the request has ended and another one is to be sent. Raises _Silent."""
        while True:
            try:
                message = await asyncio.wait_for(inbox.get(), _SILENCE)
            except TimeoutError:
                raise _Silent from None
            if message is None or not (status := _status(message)):
                return message
            if status not in {_IDLE, _EXPIRED}:
                await asyncio.sleep(0.2)  # the consumer or the stream is gone: do not ask in a tight loop
            if status != _IDLE:
                return None

    async def _process_all(self, deliveries: Sequence[Delivery]) -> None:
        if self._handle_many is not None:
            try:
                await self._handle_many(deliveries)
                return
            except asyncio.CancelledError:
                for delivery in deliveries:
                    with contextlib.suppress(NatsError, OSError):
                        await asyncio.shield(delivery.retry())
                raise
            except Exception as error:
                # What is wrong with one of them is known in a moment, and counted there.
                log.warning("batch_not_handled", durable=self._durable, size=len(deliveries), exc_info=error)
        for delivery in deliveries:
            await self._process(delivery)

    async def _process(self, delivery: Delivery) -> None:
        context.accept(delivery.headers.get("X-Request-Id", ""), delivery.headers.get("traceparent", ""))
        beat = asyncio.create_task(self._beat(delivery))
        try:
            await self._handle(delivery)
        except asyncio.CancelledError:
            with contextlib.suppress(NatsError, OSError):
                await asyncio.shield(delivery.retry())
            raise
        except Exception as error:  # noqa: BLE001 (it is logged there, and the worker goes on)
            await self._failed(delivery, error)
        else:
            self._failures.pop(delivery.stream_seq, None)
        finally:
            beat.cancel()

    async def _failed(self, delivery: Delivery, error: Exception) -> None:
        """Again later, later each time; a message that nobody can handle leaves the others alone in the end."""
        count = self._failures[delivery.stream_seq] = self._failures.get(delivery.stream_seq, 0) + 1
        log.warning("message_not_handled", subject=delivery.subject, failures=count, exc_info=error)
        with contextlib.suppress(NatsError, OSError, BusUnavailable):
            if count < MOST_FAILURES:
                await delivery.retry(min(2.0 ** (count - 1), LONGEST_DELAY))
                return
            if self._bury is not None:
                await self._bury(delivery, type(error).__name__)
            log.error("message_given_up", subject=delivery.subject, stream_seq=delivery.stream_seq)
            del self._failures[delivery.stream_seq]
            await delivery.term()

    async def _beat(self, delivery: Delivery) -> None:
        while True:
            await asyncio.sleep(min(IN_PROGRESS_EVERY, self._ack_wait / 3))
            with contextlib.suppress(NatsError, OSError):
                await delivery.in_progress()


async def _give_back(subscription: Subscription, inbox: "asyncio.Queue[Msg | None]") -> None:
    """Unsubscribe, and return what was delivered in the meantime, so that nobody has to wait out `ack_wait`."""
    with contextlib.suppress(NatsError, OSError, TimeoutError):
        await subscription.drain()  # type: ignore[no-untyped-call]
    while not inbox.empty():
        message = inbox.get_nowait()
        if message is not None and not _status(message):
            with contextlib.suppress(NatsError, OSError):
                await message.nak()


def _here(inbox: "asyncio.Queue[Msg | None]", most: int) -> Iterator[Msg]:
    """Messages that have come already. What ends a request or the service is left in the inbox for `_next`."""
    while most > 0 and not inbox.empty():
        message = inbox.get_nowait()
        if message is None or _status(message) not in {"", _IDLE}:
            inbox.put_nowait(message)
            return
        if not _status(message):
            most -= 1
            yield message


def _status(message: Msg) -> str:
    return (message.headers or {}).get("Status", "")
