"""`/auth/api-keys`: the keys by which programs act for their owner."""

from uuid import UUID

import msgspec
from litestar import Router, delete, get, post
from litestar.params import FromPath

from common import pagination
from common.auth import authenticated
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import Limit, limited
from common.schemas import JSONBody, Page, read
from sso.api_keys import queries, service
from sso.api_keys.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyRead
from sso.dependencies import CurrentCaller
from sso.step_ups.guards import recently_authenticated


@post(
    "/",
    guards=[recently_authenticated],
    opt={"limit": Limit(30, 900)},
    summary="Make an API key",
    description="The key is in this answer alone. It is shown as `Authorization: Bearer rmx_…` to every service, or "
    "exchanged for an access token at `POST /oauth2/token` with `grant_type=urn:resumax:api-key` and `api_key`. All keys "
    "end when you sign out everywhere, reset your password, or deactivate or delete your account.",
)
async def create_api_key(
    db: Db, user: CurrentUser, caller: CurrentCaller, data: JSONBody[ApiKeyCreate]
) -> ApiKeyCreated:
    api_key, key = await service.create(
        db, user.id, session_id=UUID(user.session_id), data=data, caller=caller
    )
    shown = read(ApiKeyRead, api_key)
    return ApiKeyCreated(key=key, **msgspec.structs.asdict(shown))


@get("/", summary="List your API keys")
async def list_api_keys(
    read_db: ReadDb,
    user: CurrentUser,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
) -> Page[ApiKeyRead]:
    rows = await queries.newest(read_db, user.id, before=pagination.after(cursor), limit=limit + 1)
    found, following = pagination.cut(rows, limit)
    return Page(items=[read(ApiKeyRead, api_key) for api_key in found], next_cursor=following)


@delete("/{key_id:uuid}", summary="End an API key")
async def revoke_api_key(db: Db, user: CurrentUser, caller: CurrentCaller, key_id: FromPath[UUID]) -> None:
    await service.revoke(db, key_id, user_id=user.id, caller=caller)


router = Router(
    "/auth/api-keys",
    middleware=[authenticated, limited],
    route_handlers=[create_api_key, list_api_keys, revoke_api_key],
    tags=["API keys"],
    security=[{"bearer": []}],
)
