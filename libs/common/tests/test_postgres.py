import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from zlib import crc32

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from widgets_service import app as widgets

from common.db import Database
from common.ids import new_id
from common.leader import lead, leadership
from common.outbox import OutboxRow
from common.settings import ServiceSettings
from common.testing.fixtures import MakeSettings, eventually
from common.testing.issuer import Issuer
from common.testing.processes import Nats
from common.testing.served import served


@pytest.fixture(scope="module")
def url(migrated_postgres: Callable[[str], str]) -> str:
    return migrated_postgres(widgets.__file__)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def on_postgres(settings_for: MakeSettings, url: str) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(ServiceSettings, widgets.__file__, database_url=url)
    async with served(widgets.create_app(settings)) as client:
        yield client


async def test_a_service_runs_on_postgresql_by_its_url_alone(
    on_postgres: httpx.AsyncClient, issuer: Issuer
) -> None:
    owner = issuer.headers("widgets")
    created = await on_postgres.post("/widgets/v1", json={"name": "on PostgreSQL"}, headers=owner)
    assert created.status_code == 201, created.text
    read = await on_postgres.get(f"/widgets/v1/{created.json()['id']}", headers=owner)
    assert read.json() == created.json()
    assert (await on_postgres.get("/readyz")).status_code == 200


async def test_the_outbox_is_relayed_from_postgresql(
    on_postgres: httpx.AsyncClient, issuer: Issuer, nats: Nats, url: str
) -> None:
    answer = await on_postgres.post(
        "/widgets/v1", json={"name": "relayed"}, headers=issuer.headers("widgets")
    )
    assert answer.status_code == 201
    database = Database(url)

    async def is_empty() -> bool:
        async with database.read() as db:
            return await db.scalar(select(func.count()).select_from(OutboxRow)) == 0

    await eventually(is_empty)
    await database.close()


async def test_one_key_at_two_replicas_at_once_has_one_effect_on_postgresql(
    on_postgres: httpx.AsyncClient, issuer: Issuer, settings_for: MakeSettings, url: str
) -> None:
    settings = settings_for(ServiceSettings, widgets.__file__, database_url=url)
    headers = {**issuer.headers("widgets"), "Idempotency-Key": new_id().hex}

    async def post(at: httpx.AsyncClient) -> httpx.Response:
        return await at.post("/widgets/v1", json={"name": "slow"}, headers=headers)

    async with served(widgets.create_app(settings)) as replica:
        answers = await asyncio.gather(*(post(at) for at in (on_postgres, replica) * 3))
        again = await post(replica)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert {answer.json().get("code") for answer in answers} == {None, "REQUEST_IN_PROGRESS"}
    assert again.content in [answer.content for answer in answers]
    assert again.headers["idempotent-replayed"] == "true"


async def test_leadership_on_postgresql_passes_on_when_it_is_let_go(url: str) -> None:
    first, second = Database(url), Database(url)
    async with leadership(first, "test"):
        waiting = asyncio.create_task(_lead(second))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    await asyncio.wait_for(waiting, 3)
    await asyncio.gather(first.close(), second.close())


async def test_a_leader_that_loses_its_connection_is_followed_by_another_and_comes_back(url: str) -> None:
    databases, leading = [Database(url), Database(url)], [0, 0]

    async def work(index: int) -> None:
        leading[index] += 1
        try:
            await asyncio.Event().wait()
        finally:
            leading[index] -= 1

    leaders = [
        asyncio.create_task(lead(database, "lost", partial(work, index)))
        for index, database in enumerate(databases)
    ]

    async def one_leads() -> bool:
        return sorted(leading) == [0, 1]

    await eventually(one_leads)
    for _ in range(2):
        async with databases[0].write() as db:
            await db.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND objid = :key"
                ),
                {"key": crc32(b"lost")},
            )
        await asyncio.sleep(1.2)  # the loser has seen it
        await eventually(one_leads)
    for leader in leaders:
        leader.cancel()
    await asyncio.gather(*leaders, return_exceptions=True)
    await asyncio.gather(*(database.close() for database in databases))


async def _lead(database: Database) -> None:
    async with leadership(database, "test"):
        pass
