"""The events of jobs, from the processor."""

from collections.abc import Sequence

import msgspec
import structlog

from api.jobs import service
from api.jobs.live import JobFeed
from common.consumer import Consumer, Delivery
from common.contracts.jobs import JobEvent
from common.service import Service

log = structlog.get_logger()

BATCH = 100
"""Events that one transaction takes over at most."""


def job_events(parts: Service, feed: JobFeed) -> Consumer:
    """One durable consumer for all replicas: each event is taken over by one of them, and told to all."""

    async def handle_many(deliveries: Sequence[Delivery]) -> None:
        read = [(delivery, _read(delivery)) for delivery in deliveries]
        events = [event for _, event in read if event is not None]
        async with parts.database.write() as db:
            await service.apply(db, events)
        # Also what was known: who committed it may have died before telling.
        for event in events:
            await feed.changed(event.job_id)
        for delivery, known in read:
            await (delivery.term() if known is None else delivery.ack())

    async def handle(delivery: Delivery) -> None:
        await handle_many([delivery])

    return Consumer(
        parts.bus,
        stream="JOB_EVENTS",
        durable="api",
        subject="jobs.event.*.*",
        handle=handle,
        handle_many=handle_many,
        batch=BATCH,
    )


def _read(delivery: Delivery) -> JobEvent | None:
    try:
        return msgspec.json.decode(delivery.data, type=JobEvent)
    except msgspec.DecodeError as error:
        log.error("job_event_unreadable", subject=delivery.subject, error=str(error))
        return None
