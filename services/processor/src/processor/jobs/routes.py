"""`/internal/jobs`: the queue as staff see and change it, through the admin service."""

from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, QueryParameter

from common import pagination
from common.auth import client, internal
from common.contracts.jobs import JobState, Priority
from common.db import Database
from common.dependencies import Db, ReadDb
from common.ids import now
from common.schemas import JSONBody, Page
from processor.jobs import lists, service
from processor.jobs.cancelling import Cancellations
from processor.jobs.dispatcher import Dispatcher
from processor.jobs.schemas import JobCounts, JobDetail, JobRow, ReplayAll, Replayed

OfUser = Annotated[UUID | None, QueryParameter(name="userId", description="Only those of this user")]


InState = Annotated[JobState | None, QueryParameter(name="state", description="Only those in this state")]
_AT_ONCE = 50


@get("/", summary="List jobs, newest first")
async def list_jobs(
    read_db: ReadDb,
    limit: pagination.PageSize = pagination.DEFAULT_PAGE_SIZE,
    cursor: pagination.Cursor = None,
    in_state: InState = None,
    kind: FromQuery[str | None] = None,
    user_id: OfUser = None,
    priority: FromQuery[Priority | None] = None,
) -> Page[JobRow]:
    wanted = lists.Wanted(state=in_state, kind=kind, user_id=user_id, priority=priority)
    rows = await lists.newest(read_db, wanted, after=pagination.after(cursor), limit=limit + 1)
    found, following = pagination.cut(rows, limit)
    return Page(items=[service.shape(row) for row in found], next_cursor=following)


@get("/counts", summary="Count jobs by state and kind, and those that wait")
async def count_jobs(read_db: ReadDb) -> JobCounts:
    return await service.counts(read_db)


@get("/{job_id:uuid}", summary="Read a job")
async def get_job(read_db: ReadDb, job_id: FromPath[UUID]) -> JobDetail:
    return await service.detail(read_db, job_id)


@post("/{job_id:uuid}/cancel", status_code=200, summary="Cancel a job, in whatever state it is")
async def cancel_job(state: State, job_id: FromPath[UUID]) -> JobDetail:
    database: Database = state.database
    cancellations: Cancellations = state.cancellations
    async with database.write() as db:
        await service.cancel(db, job_id)
    await cancellations.tell(job_id)  # after the commit: whoever is at it looks
    return await _read(database, job_id)


@post("/{job_id:uuid}/retry", status_code=200, summary="Let a job go on now that waits for its time")
async def retry_job(state: State, job_id: FromPath[UUID]) -> JobDetail:
    database: Database = state.database
    async with database.write() as db:
        await service.retry(db, job_id)
    return await _woken(state, job_id)


@post(
    "/{job_id:uuid}/replay",
    status_code=200,
    summary="Let a dead job begin anew",
    description="The same job, its attempts counted from the start. One that is not dead stays as it is.",
)
async def replay_job(state: State, job_id: FromPath[UUID]) -> JobDetail:
    database: Database = state.database
    async with database.write() as db:
        await service.replay(db, job_id)
    return await _woken(state, job_id)


@post("/replays", status_code=200, summary="Let the dead jobs of a kind begin anew")
async def replay_jobs(state: State, data: JSONBody[ReplayAll]) -> Replayed:
    database, before, count = state.database, now(), 0
    while count < data.limit:  # some in each transaction, so that others write meanwhile
        async with database.write() as db:
            some = min(_AT_ONCE, data.limit - count)
            replayed = await service.replay_some(db, data.kind, before=before, limit=some)
        if not replayed:
            break
        count += replayed
    await state.dispatcher.left_waiting()
    return Replayed(count=count)


@delete("/{job_id:uuid}", summary="Forget what a dead job was to do: it cannot be replayed any more")
async def drop_job(db: Db, job_id: FromPath[UUID]) -> None:
    await service.drop(db, job_id)


async def _woken(state: State, job_id: UUID) -> JobDetail:
    dispatcher: Dispatcher = state.dispatcher
    await dispatcher.left_waiting()
    return await _read(state.database, job_id)


async def _read(database: Database, job_id: UUID) -> JobDetail:
    async with database.read() as db:
        return await service.detail(db, job_id)


router = Router(
    "/internal/jobs",
    middleware=[internal],
    guards=[client("admin")],
    route_handlers=[
        list_jobs,
        count_jobs,
        get_job,
        cancel_job,
        retry_job,
        replay_job,
        replay_jobs,
        drop_job,
    ],
    tags=["Internal"],
    security=[{"bearer": []}],
)
