"""The log of mails and the list of those who get none, for the admin service."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, QueryParameter

from common import pagination
from common.auth import client, internal
from common.dependencies import Db, ReadDb
from common.schemas import JSONBody, Page, read
from processor.mails import queries, suppressions
from processor.mails.models import Outcome, Reason
from processor.mails.recipients import Recipients
from processor.mails.schemas import MailRead, SuppressionCreate, SuppressionRead

ToAddress = Annotated[str | None, QueryParameter(name="address", description="Only those to this address")]
ToRecipient = Annotated[
    str | None, QueryParameter(description="Only those to this recipient, as lists name it")
]


@get("/mails", summary="List the mails that were sent, or were not, newest first")
async def list_mails(
    read_db: ReadDb,
    state: State,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
    address: ToAddress = None,
    recipient: ToRecipient = None,
    template: FromQuery[str | None] = None,
    outcome: FromQuery[Outcome | None] = None,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
) -> Page[MailRead]:
    rows = await queries.newest_mails(
        read_db,
        after=pagination.after(cursor),
        limit=limit + 1,
        recipient=_recipient(state, address, recipient),
        template=template,
        outcome=outcome,
        since=since,
        until=until,
    )
    found, following = pagination.cut(rows, limit)
    return Page(items=[read(MailRead, mail) for mail in found], next_cursor=following)


@get("/mail-suppressions", summary="List the recipients that get no mails, newest first")
async def list_suppressions(
    read_db: ReadDb,
    state: State,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
    address: ToAddress = None,
    recipient: ToRecipient = None,
    reason: FromQuery[Reason | None] = None,
) -> Page[SuppressionRead]:
    rows = await queries.newest_suppressions(
        read_db,
        after=pagination.after(cursor),
        limit=limit + 1,
        recipient=_recipient(state, address, recipient),
        reason=reason,
    )
    found, following = pagination.cut(rows, limit)
    return Page(items=[read(SuppressionRead, row) for row in found], next_cursor=following)


@post("/mail-suppressions", summary="Send an address no more mails")
async def add_suppression(db: Db, state: State, data: JSONBody[SuppressionCreate]) -> SuppressionRead:
    recipients: Recipients = state.mail_recipients
    row = await suppressions.add(db, recipients.hash(data.address), data.category, reason=data.reason)
    return read(SuppressionRead, row)


@delete("/mail-suppressions/{suppression_id:uuid}", summary="Send a recipient mails again")
async def remove_suppression(db: Db, suppression_id: FromPath[UUID]) -> None:
    await suppressions.remove(db, suppression_id)


def _recipient(state: State, address: str | None, recipient: str | None) -> str | None:
    recipients: Recipients = state.mail_recipients
    return recipient if address is None else recipients.hash(address)


router = Router(
    "/internal",
    middleware=[internal],
    guards=[client("admin")],
    route_handlers=[list_mails, list_suppressions, add_suppression, remove_suppression],
    tags=["Internal"],
    security=[{"bearer": []}],
)
