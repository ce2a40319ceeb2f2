"""`/auth/security-events`: the trail of one's own account."""

from litestar import Router, get

from common import pagination
from common.auth import authenticated
from common.dependencies import CurrentUser, ReadDb
from common.limits import limited
from common.schemas import Page
from sso.security_events import queries
from sso.security_events.schemas import SecurityEventRead, described


@get("/", summary="List what happened to your account")
async def list_security_events(
    read_db: ReadDb,
    user: CurrentUser,
    limit: pagination.PageSize = 50,
    cursor: pagination.Cursor = None,
) -> Page[SecurityEventRead]:
    rows = await queries.newest(read_db, user.id, before=pagination.after(cursor), limit=limit + 1)
    found, following = pagination.cut(rows, limit)
    return Page(items=[described(event) for event in found], next_cursor=following)


router = Router(
    "/auth/security-events",
    middleware=[authenticated, limited],
    route_handlers=[list_security_events],
    tags=["Account"],
    security=[{"bearer": []}],
)
