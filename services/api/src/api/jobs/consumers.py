"""The events of jobs, from the processor."""

import msgspec
import structlog

from api.jobs import service
from api.jobs.live import JobFeed
from common.consumer import Consumer, Delivery
from common.contracts.jobs import JobEvent
from common.service import Service

log = structlog.get_logger()

WORKERS = 2


def job_events(parts: Service, feed: JobFeed) -> Consumer:
    """One durable consumer for all replicas: each event is taken over by one of them, and told to all."""

    async def handle(delivery: Delivery) -> None:
        try:
            event = msgspec.json.decode(delivery.data, type=JobEvent)
        except msgspec.DecodeError as error:
            log.error("job_event_unreadable", subject=delivery.subject, error=str(error))
            await delivery.term()
            return
        async with parts.database.write() as db:
            await service.apply(db, event)
        # Also when it was known: who committed it may have died before telling.
        await feed.changed(event.job_id)
        await delivery.ack()

    return Consumer(
        parts.bus,
        stream="JOB_EVENTS",
        durable="api",
        subject="jobs.event.*.*",
        handle=handle,
        workers=WORKERS,
    )
