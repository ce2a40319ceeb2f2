"""Jobs that are not wanted any more: the request comes through the queue, so that one is kept while nobody is here.

First the job is cancelled in the database, which no attempt can undo; then whoever is at it, in this process or
another, is told over core NATS. If that message is lost, the attempt ends a little later, at its fence.
"""

from uuid import UUID

import msgspec
import structlog
from nats.aio.msg import Msg

from common.bus import Bus
from common.consumer import Consumer, Delivery
from common.contracts.jobs import JobCancel, cancelled_subject
from common.db import Database
from processor.jobs import outcomes, queries
from processor.jobs.dispatcher import Dispatcher

log = structlog.get_logger()

_PREFIX = "jobs.cancel."


class Cancellations:
    """Takes requests to cancel, and stops the attempts of `dispatcher`."""

    def __init__(self, database: Database, bus: Bus, dispatcher: Dispatcher, *, ack_wait: float) -> None:
        self._database, self._bus, self._dispatcher = database, bus, dispatcher
        self._listening: object | None = None
        self.consumer = Consumer(
            bus,
            stream="JOBS",
            durable="cancel",
            subject=JobCancel.SUBJECT,
            handle=self._handle,
            workers=2,
            ack_wait=ack_wait,
        )
        bus.on_connect(self._listen)

    async def _handle(self, delivery: Delivery) -> None:
        try:
            wanted = msgspec.json.decode(delivery.data, type=JobCancel)
        except msgspec.DecodeError as error:
            log.error("cancel_unreadable", error=str(error))
            await delivery.term()
            return
        async with self._database.write() as db:
            is_cancelled = await outcomes.cancel(db, wanted)
        if is_cancelled:
            log.info("job_cancelled", job_id=str(wanted.job_id), kind=wanted.kind)
        # Also when it was: who committed it may have died before telling.
        await self.tell(wanted.job_id)
        await delivery.ack()

    async def tell(self, job_id: UUID) -> None:
        """Stop whoever is at the job, here or in another process."""
        await self._stop(job_id)
        await self._bus.send(cancelled_subject(job_id), b"")

    async def _listen(self) -> None:
        if self._listening is not self._bus.raw:
            await self._bus.raw.subscribe(f"{_PREFIX}*", cb=self._told)
            self._listening = self._bus.raw

    async def _told(self, message: Msg) -> None:
        await self._stop(UUID(message.subject.removeprefix(_PREFIX)))

    async def _stop(self, job_id: UUID) -> None:
        """Stop what is under way, if it is so: a final job that succeeded has nothing to stop, and nothing to undo."""
        async with self._database.read() as db:
            if await queries.state(db, job_id) != "cancelled":
                return
        self._dispatcher.stop(job_id)
        self._dispatcher.wake()  # it may be to be undone
