"""Every SELECT of the audit log."""

from collections.abc import AsyncIterator

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from admin.audit.models import AuditEntry
from admin.audit.schemas import AuditFilter

_BATCH = 500
_CHAIN_LOCK = 4203


async def last_for_append(db: AsyncSession) -> AuditEntry | None:
    """The entry to continue; until the transaction ends nobody else can continue it too.

    On SQLite the transaction is the only writer; on PostgreSQL a lock makes it so.
    """
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    return await db.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))


async def page(db: AsyncSession, wanted: AuditFilter, *, before: int | None, limit: int) -> list[AuditEntry]:
    """The newest entries, or the newest before the id `before`."""
    query = _filtered(wanted).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return list(await db.scalars(query))


async def batches(db: AsyncSession, wanted: AuditFilter) -> AsyncIterator[list[AuditEntry]]:
    """Every entry, oldest first, a batch at a time, so that a long log never is in memory whole."""
    after = 0
    while True:
        query = _filtered(wanted).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(_BATCH)
        entries = list(await db.scalars(query))
        if not entries:
            return
        yield entries
        after = entries[-1].id
        db.expunge_all()


def _filtered(wanted: AuditFilter) -> Select[AuditEntry]:
    query = select(AuditEntry)
    for column, value in (
        (AuditEntry.actor_id, wanted.actor),
        (AuditEntry.action, wanted.action),
        (AuditEntry.target, wanted.target),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return query
