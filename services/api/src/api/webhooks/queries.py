"""Every statement on webhooks that selects or is conditional. What is for owners names them."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.exports.models import Export
from api.webhooks.models import Delivery, Webhook


async def hold(db: AsyncSession, owner_id: UUID) -> None:
    """Let nobody else count or add webhooks of the owner until this transaction ends. SQLite has one writer anyway."""
    if db.get_bind().dialect.name == "postgresql":
        name = hashlib.sha256(f"webhooks {owner_id}".encode()).digest()
        await db.execute(select(func.pg_advisory_xact_lock(int.from_bytes(name[:8], "big", signed=True))))


async def count(db: AsyncSession, owner_id: UUID) -> int:
    counted = select(func.count()).select_from(Webhook).where(Webhook.owner_id == owner_id)
    return await db.scalar(counted) or 0


async def find(db: AsyncSession, webhook_id: UUID, *, owner_id: UUID) -> Webhook | None:
    return await db.scalar(select(Webhook).where(Webhook.id == webhook_id, Webhook.owner_id == owner_id))


async def newest(db: AsyncSession, *, owner_id: UUID, after: UUID | None, limit: int) -> Sequence[Webhook]:
    wanted = select(Webhook).where(Webhook.owner_id == owner_id).order_by(Webhook.id.desc()).limit(limit)
    if after is not None:
        wanted = wanted.where(Webhook.id < after)
    return (await db.scalars(wanted)).all()


_ACTIVE_FOR = (
    select(Webhook, Export)
    .join(Export, Export.owner_id == Webhook.owner_id)
    .where(Export.job_id.in_(bindparam("jobs", expanding=True)), Webhook.is_active)
    .order_by(Webhook.id)
)
"""Built once: it is asked whenever jobs end."""


async def active_for(db: AsyncSession, job_ids: Collection[UUID]) -> Sequence[Row[Webhook, Export]]:
    """The webhooks of those who have the exports that jobs make, each with the export that it is to be told of."""
    return (await db.execute(_ACTIVE_FOR, {"jobs": list(job_ids)})).all()


async def newest_deliveries(
    db: AsyncSession, webhook_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[Delivery]:
    """Those of a webhook that its owner has asked for."""
    wanted = select(Delivery).where(Delivery.webhook_id == webhook_id).order_by(Delivery.id.desc())
    if after is not None:
        wanted = wanted.where(Delivery.id < after)
    return (await db.scalars(wanted.limit(limit))).all()


def _with_webhook(delivery_id: UUID) -> Select[Delivery, Webhook]:
    return (
        select(Delivery, Webhook)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.id == delivery_id)
    )


async def delivery(db: AsyncSession, delivery_id: UUID) -> Row[Delivery, Webhook] | None:
    """A delivery of anybody, for the processor, with its webhook."""
    return (await db.execute(_with_webhook(delivery_id))).one_or_none()


async def delivery_for_update(db: AsyncSession, delivery_id: UUID) -> Row[Delivery, Webhook] | None:
    return (await db.execute(_with_webhook(delivery_id).with_for_update())).one_or_none()


async def abandon(db: AsyncSession, webhook_id: UUID) -> None:
    """Give up what is still to be delivered to a webhook that is not active any more."""
    await db.execute(
        update(Delivery)
        .where(Delivery.webhook_id == webhook_id, Delivery.state == "pending")
        .values(state="failed", error="the webhook is not active")
    )


async def forget(db: AsyncSession, before: datetime, *, limit: int = 500) -> int:
    """Delete some deliveries of before then; how many, 0 when none is left."""
    old = select(Delivery.id).where(Delivery.created_at < before).limit(limit)
    gone = await db.execute(delete(Delivery).where(Delivery.id.in_(old)).returning(Delivery.id))
    return len(gone.all())
