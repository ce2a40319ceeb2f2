"""`/auth/me`: one's own account."""

from litestar import Router, get, patch

from common.auth import authenticated
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import limited
from common.schemas import JSONBody, read
from sso.users import service
from sso.users.schemas import UserRead, UserUpdate


@get("/", summary="Read your own account")
async def get_me(read_db: ReadDb, user: CurrentUser) -> UserRead:
    return read(UserRead, await service.me(read_db, user.id))


@patch("/", summary="Change your name or language")
async def update_me(db: Db, user: CurrentUser, data: JSONBody[UserUpdate]) -> UserRead:
    return read(UserRead, await service.update(db, user.id, data=data))


router = Router(
    "/auth/me",
    middleware=[authenticated, limited],
    route_handlers=[get_me, update_me],
    tags=["Account"],
    security=[{"bearer": []}],
)
