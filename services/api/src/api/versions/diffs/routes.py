"""Diffs over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.versions.diffs import service
from api.versions.diffs.changes import DiffRead
from common import pagination
from common.dependencies import CurrentUser

_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
Against = Annotated[
    str | None,
    QueryParameter(
        pattern=rf"^(current|{_UUID})$",
        description="The id of a version, of this or another resume; `current`: what the resume says now. "
        "Left out: the version before.",
    ),
]
Most = Annotated[int, QueryParameter(ge=1, le=1000, description="How many changes at most")]


@get(
    "/versions/{version_id:uuid}/diff",
    summary="Compare a version with another",
    description="What makes this version (`to`) of the other (`from`): with `against=current`, what to restore it "
    "would change. By section, item and field; complete: whoever carries out all changes has `to`. The order of "
    "members in an object is no difference.",
    responses={200: ResponseSpec(DiffRead, description="The first `limit` changes; `summary` counts all")},
)
async def get_diff(
    state: State,
    user: CurrentUser,
    version_id: FromPath[UUID],
    against: Against = None,
    limit: Most = 500,
    cursor: pagination.Cursor = None,
) -> Response[bytes]:
    found = await service.read(
        state.database, version_id, owner_id=user.id, against=against, limit=limit, cursor=cursor
    )
    return Response(found, media_type="application/json")
