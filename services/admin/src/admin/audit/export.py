"""The audit log as CSV (RFC 4180)."""

import csv
import io
from collections.abc import AsyncIterator

import msgspec

from admin.audit.models import AuditEntry
from common.schemas import rfc3339

COLUMNS = ("id", "at", "actorId", "action", "target", "outcome", "reason", "detail", "requestId", "hash")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def to_csv(batches: AsyncIterator[list[AuditEntry]]) -> AsyncIterator[str]:
    """The header, then the lines of one batch after the other."""
    yield _lines([COLUMNS])
    async for entries in batches:
        yield _lines([_row(entry) for entry in entries])


def _row(entry: AuditEntry) -> tuple[str, ...]:
    return (
        str(entry.id),
        rfc3339(entry.at),
        str(entry.actor_id),
        entry.action,
        _cell(entry.target or ""),
        entry.outcome,
        _cell(entry.reason or ""),
        msgspec.json.encode(entry.detail, order="sorted").decode(),
        _cell(entry.request_id),
        entry.hash,
    )


def _cell(text: str) -> str:
    """What came from outside, as text: a spreadsheet would run a cell that looks like a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
