"""The audit log: what staff did, and tried, in entries that nobody can change unseen.

Every entry is written in a transaction of its own, so that it stays when the request fails. A transaction of the
request must not be open then: there is one writer.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from admin.audit import chain, queries
from admin.audit.models import AuditEntry
from admin.audit.schemas import AuditFilter, Break, Outcome, Verification
from common import context
from common.db import Database
from common.ids import now
from common.problems import Problem
from common.tokens import Principal

log = structlog.get_logger()


class AuditTrail:
    """Writes the audit log, and reads it again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written = (0, chain.GENESIS)

    @asynccontextmanager
    async def recorded(
        self,
        who: Principal,
        action: str,
        *,
        target: str | None = None,
        reason: str | None = None,
        announce: bool = False,
    ) -> AsyncIterator[dict[str, Any]]:
        """Record what comes of the block; what is put into the dict that it gives is the entry's detail.

        `announce` records the intent before the block too, for a change that a crash may leave half done.
        """
        detail: dict[str, Any] = {}
        if announce:
            detail["intent"] = await self.record(
                who, action, target=target, reason=reason, outcome="intended"
            )
        try:
            yield detail
        except Exception as error:
            detail["error"] = error.code if isinstance(error, Problem) else type(error).__name__
            await self.record(who, action, target=target, reason=reason, outcome="failed", detail=detail)
            raise
        await self.record(who, action, target=target, reason=reason, detail=detail)

    async def record(
        self,
        who: Principal,
        action: str,
        *,
        target: str | None = None,
        reason: str | None = None,
        outcome: Outcome = "succeeded",
        detail: dict[str, Any] | None = None,
    ) -> int:
        """Write one entry in its own transaction; its id."""
        async with self._database.write() as db:
            entry = await self.append(
                db, who, action, target=target, reason=reason, outcome=outcome, detail=detail
            )
        self._written = max(self._written, (entry.id, entry.hash))
        # The hash in the log lines, which go elsewhere, is what a rewritten table cannot take back.
        log.info("audit_recorded", entry=entry.id, action=action, outcome=outcome, hash=entry.hash)
        return entry.id

    async def append(
        self,
        db: AsyncSession,
        who: Principal,
        action: str,
        *,
        target: str | None = None,
        reason: str | None = None,
        outcome: Outcome = "succeeded",
        detail: dict[str, Any] | None = None,
    ) -> AuditEntry:
        """Add one entry to a transaction that does something else too."""
        last = await queries.last_for_append(db)
        entry = AuditEntry(
            id=_after(last),
            at=now(),
            actor_id=who.id,
            action=action,
            target=target,
            reason=reason,
            outcome=outcome,
            detail=detail or {},
            request_id=context.request_id.get(),
            previous_hash=last.hash if last else chain.GENESIS,
        )
        entry.hash = chain.hash_of(entry)
        db.add(entry)
        await db.flush()
        return entry

    async def verify(self) -> Verification:
        """Check every entry against the one before it, and the log against what this process wrote last."""
        written_id, written_hash = self._written
        previous: AuditEntry | None = None
        try:
            async for entry in self._all():
                fault = chain.fault(entry, previous)
                if entry.id == written_id and entry.hash != written_hash:
                    fault = fault or "it is not the one that was written"
                if fault:
                    return _verified(previous, Break(id=entry.id, fault=fault))
                previous = entry
        except (TypeError, ValueError):  # a column that holds what its type cannot
            return _verified(
                previous, Break(id=_after(previous), fault="it, or one soon after it, is unreadable")
            )
        if _after(previous) <= written_id:
            return _verified(
                previous, Break(id=_after(previous), fault=f"entry {_after(previous)} is missing")
            )
        return _verified(previous, None)

    async def _all(self) -> AsyncIterator[AuditEntry]:
        async for entries in self.stream(AuditFilter()):
            for entry in entries:
                yield entry

    async def stream(self, wanted: AuditFilter) -> AsyncIterator[list[AuditEntry]]:
        """The entries, oldest first, in batches."""
        async with self._database.read() as db:
            async for entries in queries.batches(db, wanted):
                yield entries


def _after(last: AuditEntry | None) -> int:
    return last.id + 1 if last else 1


def _verified(last: AuditEntry | None, broken: Break | None) -> Verification:
    return Verification(
        valid=broken is None,
        checked=last.id if last else 0,
        head=last.hash if last else chain.GENESIS,
        broken=broken,
    )
