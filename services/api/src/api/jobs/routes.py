"""Jobs over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import ServerSentEvent

from api.jobs import queries, service, streams
from api.jobs.live import JobFeed
from api.jobs.schemas import JobRead
from common import pagination
from common.auth import authenticated_for
from common.contracts.jobs import JobState
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import limited
from common.schemas import Page

InState = Annotated[JobState | None, QueryParameter(name="state", description="Only those in this state")]
OfKind = Annotated[str | None, QueryParameter(max_length=32, description="Only those of this kind")]
LastEventId = Annotated[str | None, HeaderParameter(name="Last-Event-ID", description="The last `id` seen")]


@get("/", summary="List the own jobs, newest first")
async def list_jobs(
    request: Request[Any, Any, Any],
    read_db: ReadDb,
    user: CurrentUser,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
    in_state: InState = None,
    kind: OfKind = None,
) -> Page[JobRead]:
    rows = await queries.newest(
        read_db,
        owner_id=user.id,
        after=pagination.after(cursor),
        limit=limit + 1,
        state=in_state,
        kind=kind,
    )
    found, following = pagination.cut(rows, limit)
    feed: JobFeed = request.app.state.feed
    return Page(items=[service.shape(job, feed.progress(job.id)) for job in found], next_cursor=following)


@get("/{job_id:uuid}", summary="Read where a job stands")
async def get_job(
    request: Request[Any, Any, Any], read_db: ReadDb, user: CurrentUser, job_id: FromPath[UUID]
) -> JobRead:
    job = await service.get(read_db, job_id, owner_id=user.id)
    feed: JobFeed = request.app.state.feed
    return service.shape(job, feed.progress(job_id))


@get(
    "/{job_id:uuid}/events",
    middleware=[streams.admitted],
    summary="Follow a job as server-sent events",
    description="The state now, then every `state` and `progress` with the job as data, until a final state. "
    "204 if `Last-Event-ID` is that of the final state: an EventSource does not come back then.",
    responses={200: ResponseSpec(str, media_type="text/event-stream", description="Events")},
)
async def follow_job(
    request: Request[Any, Any, Any], job_id: FromPath[UUID], last_event_id: LastEventId = None
) -> Response[Any]:
    # No session by injection: it would stay open for as long as the stream does.
    state, user = request.app.state, request.auth
    async with state.database.read() as db:
        job = await service.get(db, job_id, owner_id=user.id)
    seen = streams.seen_by(last_event_id)
    if service.is_final(job) and seen >= job.seq:
        return Response(None, status_code=204)
    stream = streams.JobStream(
        state.database, state.feed, job, seen=seen, may_follow=lambda: state.verifier.is_still_good(user)
    )
    return ServerSentEvent(stream.events(), headers={"Cache-Control": "no-store"})


@post(
    "/{job_id:uuid}/cancel",
    status_code=202,
    summary="Cancel a job",
    description="It is cancelled once its `state` says so, which is at once unless what runs it is away. It may still "
    "succeed if it was about to. 409 `JOB_FINISHED` if it did, or failed. Asking again is the same as asking once.",
)
async def cancel_job(
    request: Request[Any, Any, Any], db: Db, user: CurrentUser, job_id: FromPath[UUID]
) -> JobRead:
    job = await service.cancel(db, job_id, owner_id=user.id)
    feed: JobFeed = request.app.state.feed
    return service.shape(job, feed.progress(job_id))


router = Router(
    "/api/v1/jobs",
    middleware=[authenticated_for("resumes"), limited],
    route_handlers=[list_jobs, get_job, follow_job, cancel_job],
    tags=["Jobs"],
    security=[{"bearer": []}],
)
