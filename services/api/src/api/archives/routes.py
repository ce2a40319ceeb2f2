"""Archives over HTTP."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from litestar import Router, get
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from api.archives import writing
from api.archives.schemas import Archive
from api.archives.writing import Which
from api.exports.service import file_name
from common.auth import authenticated_for
from common.dependencies import CurrentUser
from common.limits import WRITES, limited

Versions = Annotated[
    Which, QueryParameter(description="Which versions go along: those with a name, the newest 1000, or none")
]


@get(
    "/",
    opt={"limit": WRITES},
    summary="Take a resume away as one file",
    description="All that a resume is, says and said, to be imported again here or elsewhere (`POST /imports` with the "
    "format `resumax`). Pictures and files are not in it, only their addresses; nor are links, comments, exports, the "
    "lock and the uses of library items. What comes back has ids of its own, and so its versions other hashes.",
    responses={200: ResponseSpec(Archive, description="A file named after the resume")},
)
async def get_archive(
    state: State, user: CurrentUser, resume_id: FromPath[UUID], versions: Versions = "named"
) -> Stream:
    found = await writing.archive(state.database, resume_id, owner_id=user.id, which=versions)
    name = file_name(found.title, "resumax.json")
    disposition = f"attachment; filename=\"resume.resumax.json\"; filename*=UTF-8''{quote(name, safe='')}"
    return Stream(
        found.body,
        media_type="application/json",
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )


router = Router(
    "/api/v1/resumes/{resume_id:uuid}/archive",
    middleware=[authenticated_for("resumes"), limited],
    route_handlers=[get_archive],
    tags=["Resumes"],
    security=[{"bearer": []}],
)
