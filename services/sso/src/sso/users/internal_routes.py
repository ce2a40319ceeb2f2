"""`/internal/users`: accounts as staff see and change them, through the admin service alone."""

from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, patch
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

Search = Annotated[str, QueryParameter(max_length=200, pattern=r"^[^\x00]*$")]


@get("/", summary="Search accounts")
async def list_users(
    read_db: ReadDb,
    q: Search = "",
    limit: pagination.PageSize = 50,
    cursor: pagination.Cursor = None,
) -> UserPage:
    rows = await queries.search(read_db, text=q, before=pagination.after(cursor), limit=limit + 1)
    found, following = pagination.cut(rows, limit)
    return UserPage(items=[_record(user) for user in found], next_cursor=following)


@get("/{user_id:uuid}", summary="Read an account")
async def get_user(read_db: ReadDb, user_id: FromPath[UUID]) -> UserRecord:
    return _record(await service.get(read_db, user_id))


@patch("/{user_id:uuid}", summary="Suspend or restore an account, or set its roles")
async def change_user(
    db: Db, caller: CurrentCaller, user_id: FromPath[UUID], data: JSONBody[UserChange]
) -> UserRecord:
    return _record(await service.change(db, user_id, data=data, caller=caller))


@get("/{user_id:uuid}/sessions", summary="List the sessions of an account")
async def list_user_sessions(read_db: ReadDb, user_id: FromPath[UUID]) -> Page[SessionRead]:
    await service.get(read_db, user_id)
    return Page(items=[described(session) for session in await sessions.live(read_db, user_id)])


@delete("/{user_id:uuid}/sessions", summary="End every session of an account")
async def end_user_sessions(db: Db, caller: CurrentCaller, user_id: FromPath[UUID]) -> None:
    await service.get(db, user_id)
    await sessions.end_all(db, user_id, reason="ended_by_staff", caller=caller)


def _record(user: User) -> UserRecord:
    return read(UserRecord, user)


router = Router(
    "/internal/users",
    middleware=[internal],
    guards=[client("admin")],
    route_handlers=[list_users, get_user, change_user, list_user_sessions, end_user_sessions],
    tags=["Internal"],
    security=[{"bearer": []}],
)
