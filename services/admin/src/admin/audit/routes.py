"""The audit log over HTTP."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter, SkipValidation
from litestar.response import Stream
from msgspec import Meta

from admin.audit import queries
from admin.audit.export import to_csv
from admin.audit.schemas import AuditEntryRead, AuditFilter, Verification
from admin.dependencies import Trail
from admin.guards import permission
from common.dependencies import CurrentUser, ReadDb
from common.ids import now
from common.pagination import Cursor, PageSize
from common.problems import FieldError, ValidationFailed
from common.schemas import Page, read, rfc3339

Filter = NamedDependency[SkipValidation[AuditFilter]]


Time = Annotated[datetime, Meta(tz=True)]
_TIME = {"format": "date-time"}


def _filter(
    actor: FromQuery[UUID | None] = None,
    action: Annotated[str | None, QueryParameter(max_length=64)] = None,
    target: Annotated[str | None, QueryParameter(max_length=200, description="`user:{id}`")] = None,
    since: Annotated[str | None, QueryParameter(name="from", schema_extra=_TIME)] = None,
    until: Annotated[
        str | None, QueryParameter(name="to", description="Not included.", schema_extra=_TIME)
    ] = None,
) -> AuditFilter:
    return AuditFilter(
        actor=actor, action=action, target=target, since=_time("from", since), until=_time("to", until)
    )


def _time(name: str, given: str | None) -> datetime | None:
    """Parsed here, so that a mistake is told by the name that the caller used."""
    try:
        return None if given is None else msgspec.convert(given, Time).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError) as error:
        raise ValidationFailed(
            errors=[FieldError(f"$.{name}", "Not a time with its zone (RFC 3339)")]
        ) from error


@get("/audit-logs", summary="Search the audit log, newest first")
async def list_entries(
    read_db: ReadDb,
    user: CurrentUser,
    trail: Trail,
    wanted: Filter,
    limit: PageSize = 50,
    cursor: Cursor = None,
) -> Page[AuditEntryRead]:
    async with trail.recorded(user, "audit.listed") as detail:
        detail["filter"] = _described(wanted)
        entries = await queries.page(read_db, wanted, before=_position(cursor), limit=limit + 1)
    return Page(
        items=[read(AuditEntryRead, entry) for entry in entries[:limit]],
        next_cursor=_cursor(entries[limit - 1].id) if len(entries) > limit else None,
    )


@get("/audit-logs.csv", summary="Export the audit log as CSV, oldest first", media_type="text/csv")
async def export_entries(user: CurrentUser, trail: Trail, wanted: Filter) -> Stream:
    await trail.record(user, "audit.exported", detail={"filter": _described(wanted)})
    name = f"audit-logs-{now():%Y%m%dT%H%M%SZ}.csv"
    return Stream(
        to_csv(trail.stream(wanted)),
        media_type="text/csv; charset=utf-8; header=present",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@get("/audit-logs/verify", summary="Check that the audit log is as it was written")
async def verify_log(user: CurrentUser, trail: Trail) -> Verification:
    async with trail.recorded(user, "audit.verified") as detail:
        found = await trail.verify()
        detail["valid"] = found.valid
    return found


def _described(wanted: AuditFilter) -> dict[str, str]:
    given = {"actor": wanted.actor, "action": wanted.action, "target": wanted.target}
    times = {"from": wanted.since, "to": wanted.until}
    return {name: str(value) for name, value in given.items() if value is not None} | {
        name: rfc3339(at) for name, at in times.items() if at is not None
    }


def _cursor(entry_id: int) -> str:
    return urlsafe_b64encode(str(entry_id).encode()).decode().rstrip("=")


def _position(cursor: str | None) -> int | None:
    """The id that a cursor of ours stands for. Raises ValidationFailed for any other."""
    if cursor is None:
        return None
    try:
        position = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        position = ""
    if not position.isascii() or not position.isdigit() or len(position) > 9:
        raise ValidationFailed(errors=[FieldError("$.cursor", "Not a cursor of this list")])
    return int(position)


router = Router(
    "/",
    guards=[permission("audit.read")],
    dependencies={"wanted": Provide(_filter, sync_to_thread=False)},
    route_handlers=[list_entries, export_entries, verify_log],
    tags=["Audit log"],
)
