from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import msgspec
import nats as nats_py
import pytest
import pytest_asyncio

import api
from api.app import create_app
from api.settings import Settings
from common.contracts.jobs import JobEvent, JobProgress, JobState, event_subject, progress_subject
from common.db import Database
from common.ids import new_id, now
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.processes import S3, Nats
from common.testing.served import served

Make = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="session")
def settings(settings_for: MakeSettings, s3: S3) -> Settings:
    cheap = {"argon2_memory_kib": 19 * 1024, "argon2_time": 2, "argon2_parallelism": 1}
    made: Settings = settings_for(Settings, api.__file__, s3_endpoint=s3.url, **cheap)
    return made


@pytest_asyncio.fixture(scope="session")
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The api service, served."""
    async with served(create_app(settings)) as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def replica(settings: Settings, client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Another replica on the same database."""
    async with served(create_app(settings)) as replica:
        yield replica


@pytest_asyncio.fixture(scope="session")
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url)
    yield database
    await database.close()


@pytest.fixture
def owner_id() -> UUID:
    return new_id()


@pytest.fixture
def owner(issuer: Issuer, owner_id: UUID) -> dict[str, str]:
    """The headers of somebody new."""
    return issuer.headers("api", user_id=owner_id)


@pytest.fixture
def make_resume(client: httpx.AsyncClient, owner: dict[str, str]) -> Make:
    """Makes a resume of `owner`; its path."""

    async def make(**fields: Any) -> str:
        answer = await client.post("/api/v1/resumes", json={"title": "Ada"} | fields, headers=owner)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    return make


@pytest.fixture
def make_export(client: httpx.AsyncClient, owner: dict[str, str], make_resume: Make) -> Make:
    """Makes an export of a new resume of `owner`: `{exportId, jobId}`."""

    async def make(**fields: Any) -> dict[str, str]:
        resume = await make_resume(content={"basics": {"name": "Ada"}})
        body = {"resumeId": resume.rsplit("/", 1)[1], "format": "pdf"} | fields
        answer = await client.post("/api/v1/exports", json=body, headers=owner)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    return make


class Processor:
    """What the processor says of jobs."""

    def __init__(self, connection: nats_py.NATS) -> None:
        self._connection = connection

    async def tell(self, job_id: str, seq: int, state: JobState, **fields: Any) -> None:
        event = JobEvent(job_id=UUID(job_id), seq=seq, state=state, at=now(), **fields)
        await self._connection.jetstream().publish(
            event_subject(event.job_id, state), msgspec.json.encode(event)
        )

    async def succeed(self, job_id: str, seq: int) -> None:
        place = {"bucket": "resume-exports", "key": f"pdfs/{job_id}/ada.pdf"}
        await self.tell(job_id, seq, "succeeded", result={**place, "size": 1234, "cached": False})

    async def progress(self, job_id: str, progress: float, stage: str) -> None:
        message = JobProgress(job_id=UUID(job_id), progress=progress, stage=stage)
        await self._connection.publish(progress_subject(message.job_id), msgspec.json.encode(message))


@pytest_asyncio.fixture(scope="session")
async def processor(nats: Nats, client: httpx.AsyncClient) -> AsyncIterator[Processor]:
    connection = await nats_py.connect(nats.url)
    yield Processor(connection)
    await connection.close()


@pytest.fixture
def issuer_headers(issuer: Issuer) -> dict[str, str]:
    return issuer.headers("api")


@pytest_asyncio.fixture
async def lonely(
    settings_for: MakeSettings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[httpx.AsyncClient, Nats, Settings]]:
    """A service with a database and a NATS of its own, to be stopped and started."""
    nats = Nats(tmp_path_factory.mktemp("nats"))
    nats.start()
    try:
        settings: Settings = settings_for(Settings, api.__file__, nats_url=nats.url)
        async with served(create_app(settings)) as client:
            yield client, nats, settings
    finally:
        nats.stop()
