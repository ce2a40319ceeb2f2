"""`/internal/users`: accounts as staff see and change them, through the admin service; and as their owners deactivate
and delete them, through the account service."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Router, delete, get, patch
from litestar.params import FromPath, QueryParameter

from common import pagination
from common.auth import client, internal
from common.contracts.users import UserChange, UserPage, UserRecord
from common.dependencies import Db, ReadDb
from common.schemas import JSONBody, Page, read
from sso.dependencies import CurrentCaller
from sso.sessions import service as sessions
from sso.sessions.schemas import SessionRead, described
from sso.users import queries, service
from sso.users.models import User

for_staff, for_owners_too = client("admin"), client("admin", "account")
Search = Annotated[str, QueryParameter(max_length=200, pattern=r"^[^\x00]*$")]


@get("/", guards=[for_staff], summary="Search accounts")
async def list_users(
    read_db: ReadDb,
    q: Search = "",
    limit: pagination.PageSize = 50,
    cursor: pagination.Cursor = None,
) -> UserPage:
    rows = await queries.search(read_db, text=q, before=pagination.after(cursor), limit=limit + 1)
    found, following = pagination.cut(rows, limit)
    return UserPage(items=[_record(user) for user in found], next_cursor=following)


@get("/{user_id:uuid}", guards=[for_staff], summary="Read an account")
async def get_user(read_db: ReadDb, user_id: FromPath[UUID]) -> UserRecord:
    return _record(await service.get(read_db, user_id))


@patch(
    "/{user_id:uuid}",
    guards=[for_owners_too],
    summary="Suspend, deactivate or restore an account, or set its roles",
)
async def change_user(
    request: Request[Any, Any, Any],
    db: Db,
    caller: CurrentCaller,
    user_id: FromPath[UUID],
    data: JSONBody[UserChange],
) -> UserRecord:
    by_staff = request.auth.client_id == "admin"
    change = service.change if by_staff else service.change_own
    return _record(await change(db, user_id, data=data, caller=caller))


@delete("/{user_id:uuid}", guards=[for_owners_too], summary="Delete an account")
async def delete_user(db: Db, caller: CurrentCaller, user_id: FromPath[UUID]) -> None:
    await service.delete(db, user_id, caller=caller)


@get("/{user_id:uuid}/sessions", guards=[for_staff], summary="List the sessions of an account")
async def list_user_sessions(read_db: ReadDb, user_id: FromPath[UUID]) -> Page[SessionRead]:
    await service.get(read_db, user_id)
    return Page(items=[described(session) for session in await sessions.live(read_db, user_id)])


@delete("/{user_id:uuid}/sessions", guards=[for_staff], summary="End every session of an account")
async def end_user_sessions(db: Db, caller: CurrentCaller, user_id: FromPath[UUID]) -> None:
    await service.get(db, user_id)
    await sessions.end_all(db, user_id, reason="ended_by_staff", caller=caller)


def _record(user: User) -> UserRecord:
    return read(UserRecord, user)


router = Router(
    "/internal/users",
    middleware=[internal],
    route_handlers=[list_users, get_user, change_user, delete_user, list_user_sessions, end_user_sessions],
    tags=["Internal"],
    security=[{"bearer": []}],
)
