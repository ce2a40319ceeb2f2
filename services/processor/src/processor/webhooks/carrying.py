"""The webhook job: ask the api for an attempt, make it, and say what came of it.

Like every delivery by HTTP it may be made twice: if the process dies between the endpoint's answer and the api's. Both have
one `webhook-id`, by which receivers know them as one.
"""

import time
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.webhooks import DeliveryAttempt, DeliveryVerdict, SignedDelivery, WebhookJob
from common.http import ServiceClient, ServiceRefused, ServiceUnavailable
from common.ids import now
from common.jobs import JobPostponed, JobRejected
from processor.jobs.runner import Done, Running
from processor.webhooks.hosts import Hosts
from processor.webhooks.sending import NoAnswer, Sender


class Webhooks:
    """The work of the job kind `webhook`. When to try again is the api's to say, which knows how often it was tried."""

    def __init__(self, api: ServiceClient, sender: Sender) -> None:
        self._api, self._sender = api, sender
        self._hosts = Hosts()

    async def __call__(self, running: Running) -> Done:
        delivery_id = _payload(running.job.payload).delivery_id
        signed = await self._signed(delivery_id)
        if signed is None:
            return Done({"isDelivered": False}, _nothing)
        async with self._hosts.turn(signed.url):
            await running.enter("delivering", 0.5, can_stop=False)
            await running.check_held()
            attempt = await self._attempted(signed)
        verdict = await self._noted(delivery_id, attempt)
        if verdict is not None and verdict.retry_after is not None:
            reason = f"the endpoint answered {attempt.status}" if attempt.status else attempt.error
            raise JobPostponed(reason, delay=verdict.retry_after)
        return Done({"isDelivered": verdict is not None and verdict.is_delivered}, _nothing)

    async def _signed(self, delivery_id: UUID) -> SignedDelivery | None:
        """The attempt to make; None if there is nothing to deliver any more."""
        try:
            return await self._api.get(_path(delivery_id), SignedDelivery)
        except ServiceUnavailable:
            raise JobPostponed("the api is not available") from None
        except ServiceRefused as error:
            _raise_unless_gone(error)
            return None

    async def _attempted(self, signed: SignedDelivery) -> DeliveryAttempt:
        at, began = now(), time.monotonic()
        status, error = None, ""
        try:
            status = await self._sender.send(signed)
        except NoAnswer as no_answer:
            error = str(no_answer)
        milliseconds = round((time.monotonic() - began) * 1000)
        return DeliveryAttempt(
            number=signed.number, at=at, milliseconds=milliseconds, status=status, error=error
        )

    async def _noted(self, delivery_id: UUID, attempt: DeliveryAttempt) -> DeliveryVerdict | None:
        path = f"{_path(delivery_id)}/attempts"
        key = f"{delivery_id}.{attempt.number}"
        try:
            said = await self._api.send("POST", path, msgspec.json.encode(attempt), idempotency_key=key)
        except ServiceUnavailable:
            raise JobPostponed("the api is not available") from None
        except ServiceRefused as error:
            _raise_unless_gone(error)
            return None
        return msgspec.json.decode(said, type=DeliveryVerdict)


def _raise_unless_gone(error: ServiceRefused) -> None:
    """A webhook that was deleted wants nothing; anything else is a mistake of ours."""
    if error.status != 404:
        raise error


def _path(delivery_id: UUID) -> str:
    return f"/internal/webhook-deliveries/{delivery_id}"


async def _nothing(_db: AsyncSession) -> None:
    """What came of it is noted already, by the api."""


def _payload(payload: dict[str, Any]) -> WebhookJob:
    try:
        return msgspec.convert(payload, WebhookJob)
    except msgspec.ValidationError as error:
        raise JobRejected(f"The job cannot be read: {error}") from None
