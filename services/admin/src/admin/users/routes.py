"""Users over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, post
from litestar.params import FromPath, QueryParameter

from admin.dependencies import UsersAtSso
from admin.guards import permission
from admin.users.schemas import ImpersonationRequest, WithOptionalReason, WithReason
from common.contracts.users import Impersonation, UserPage, UserRecord
from common.dependencies import CurrentUser
from common.pagination import Cursor, PageSize
from common.schemas import NO_CONTROL_CHARACTERS, JSONBody

Search = Annotated[
    str | None,
    QueryParameter(
        max_length=200, pattern=NO_CONTROL_CHARACTERS, description="Part of an address or a name."
    ),
]


@get("/", guards=[permission("users.read")], summary="Search the users")
async def list_users(
    user: CurrentUser,
    users: UsersAtSso,
    q: Search = None,
    limit: PageSize = 50,
    cursor: Cursor = None,
) -> UserPage:
    return await users.search(user, q=q, limit=limit, cursor=cursor)


@get("/{user_id:uuid}", guards=[permission("users.read")], summary="See a user")
async def get_user(user: CurrentUser, users: UsersAtSso, user_id: FromPath[UUID]) -> UserRecord:
    return await users.view(user, user_id)


@post(
    "/{user_id:uuid}/suspend",
    guards=[permission("users.suspend")],
    status_code=204,
    summary="Suspend an account and end its sessions",
)
async def suspend_user(
    user: CurrentUser, users: UsersAtSso, user_id: FromPath[UUID], data: JSONBody[WithReason]
) -> None:
    await users.set_status(user, user_id, "suspended", reason=data.reason)


@post(
    "/{user_id:uuid}/restore",
    guards=[permission("users.suspend")],
    status_code=204,
    summary="Restore a suspended account",
)
async def restore_user(
    user: CurrentUser, users: UsersAtSso, user_id: FromPath[UUID], data: JSONBody[WithReason]
) -> None:
    await users.set_status(user, user_id, "active", reason=data.reason)


@delete("/{user_id:uuid}/sessions", guards=[permission("sessions.end")], summary="Sign a user out everywhere")
async def end_sessions(
    user: CurrentUser,
    users: UsersAtSso,
    user_id: FromPath[UUID],
    data: JSONBody[WithOptionalReason | None] = None,
) -> None:
    await users.end_sessions(user, user_id, reason=data.reason if data else None)


@post(
    "/{user_id:uuid}/impersonate",
    guards=[permission("users.impersonate")],
    summary="Act in a user's place",
    description="An access token with the claim `act`, for an hour at most. The user is told, and can end it.",
)
async def impersonate_user(
    user: CurrentUser, users: UsersAtSso, user_id: FromPath[UUID], data: JSONBody[ImpersonationRequest]
) -> Impersonation:
    return await users.impersonate(user, user_id, data=data)


router = Router(
    "/users",
    route_handlers=[list_users, get_user, suspend_user, restore_user, end_sessions, impersonate_user],
    tags=["Users"],
)
