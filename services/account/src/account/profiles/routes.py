"""The profile over HTTP: for its owner, and for the other services."""

from uuid import UUID

from litestar import Response, Router, get, patch, put
from litestar.datastructures import State
from litestar.openapi.spec import SecurityRequirement
from litestar.params import FromPath

from account.profiles import service
from account.profiles.models import Profile
from account.profiles.schemas import ProfileRead, ProfileUpdate
from common import etags
from common.auth import authenticated_for, client, internal
from common.contracts.profiles import ProfilePut
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import limited
from common.schemas import JSONBody, read


@get("/profile", summary="Read the own profile")
async def get_profile(
    read_db: ReadDb, user: CurrentUser, if_none_match: etags.IfNoneMatch = None
) -> Response[ProfileRead | None]:
    profile = await service.get(read_db, user_id=user.id)
    if etags.is_current(if_none_match, profile.version):
        return Response(None, status_code=304, headers={"ETag": etags.of(profile.version)})
    return _with_etag(profile)


@patch("/profile", summary="Change the own profile")
async def update_profile(
    db: Db, user: CurrentUser, data: JSONBody[ProfileUpdate], if_match: etags.IfMatch = None
) -> Response[ProfileRead | None]:
    return _with_etag(await service.update(db, user_id=user.id, data=data, if_match=if_match))


@put("/{user_id:uuid}", guards=[client("sso")], status_code=204, summary="Make the profile of a user")
async def put_profile(db: Db, state: State, user_id: FromPath[UUID], data: JSONBody[ProfilePut]) -> None:
    await service.put(db, user_id=user_id, data=data, timezone=state.settings.default_timezone)


@get("/{user_id:uuid}", summary="Read the profile of a user")
async def get_profile_of(read_db: ReadDb, user_id: FromPath[UUID]) -> ProfileRead:
    return read(ProfileRead, await service.get(read_db, user_id=user_id))


def _with_etag(profile: Profile) -> Response[ProfileRead | None]:
    return Response(read(ProfileRead, profile), headers={"ETag": etags.of(profile.version)})


_TOKEN: list[SecurityRequirement] = [{"bearer": []}]
router = Router(
    "/account/v1",
    middleware=[authenticated_for("account"), limited],
    route_handlers=[get_profile, update_profile],
    tags=["Profile"],
    security=_TOKEN,
)
internal_router = Router(
    "/internal/profiles",
    middleware=[internal],
    route_handlers=[put_profile, get_profile_of],
    tags=["Internal"],
    security=_TOKEN,
)
