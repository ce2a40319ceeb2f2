"""Statistics over HTTP, for the owner of the link."""

from datetime import UTC, date
from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath, QueryParameter

from api.shares.views import service
from api.shares.views.schemas import Statistics
from common.auth import authenticated_for
from common.dependencies import CurrentUser, ReadDb
from common.ids import now
from common.limits import limited

First = Annotated[
    date | None, QueryParameter(name="from", description="The first day, in UTC; 30 days unless told")
]
Last = Annotated[
    date | None, QueryParameter(name="to", description="The last day, in UTC; today unless told")
]


@get(
    "/{share_id:uuid}/statistics",
    summary="Read how often a link was opened",
    description="By day and in all; it lags a few seconds behind. No addresses are kept, of anybody.",
)
async def get_statistics(
    read_db: ReadDb,
    user: CurrentUser,
    share_id: FromPath[UUID],
    first: First = None,
    last: Last = None,
) -> Statistics:
    today = now().astimezone(UTC).date()
    return await service.read(read_db, share_id, owner_id=user.id, first=first, last=last, today=today)


router = Router(
    "/api/v1/shares",
    middleware=[authenticated_for("resumes"), limited],
    route_handlers=[get_statistics],
    tags=["Sharing"],
    security=[{"bearer": []}],
)
