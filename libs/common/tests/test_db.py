"""What the database promises: one writer at a time, durable commits, clear refusals, nothing left taken."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from widgets_service import app as widgets
from widgets_service.app import Widget

from common import db as common_db
from common.db import Database, UtcDateTime
from common.ids import new_id
from common.problems import is_busy
from common.settings import ServiceSettings
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.served import served


def path_of(url: str) -> str:
    return url.split("///")[1]


async def count(database: Database) -> int:
    async with database.read() as db:
        return await db.scalar(select(func.count()).select_from(Widget)) or 0


async def rename(database: Database, widget_id: object) -> None:
    """Read, wait, write what was read and one more: wrong unless the whole transaction is alone."""
    async with database.write() as db:
        widget = await db.get_one(Widget, widget_id)
        await asyncio.sleep(0.005)
        widget.name = str(int(widget.name) + 1)


@pytest.mark.parametrize("processes", [1, 2])
async def test_transactions_that_read_and_then_write_run_one_after_the_other(
    database: Database, processes: int
) -> None:
    databases = [database, *(Database(database.url) for _ in range(processes - 1))]
    widget_id = new_id()
    async with database.write() as db:
        db.add(Widget(id=widget_id, owner_id=new_id(), name="0"))
    await asyncio.gather(*(rename(databases[n % processes], widget_id) for n in range(40)))
    async with database.read() as db:
        assert (await db.get_one(Widget, widget_id)).name == "40"
    for other in databases[1:]:
        await other.close()


async def test_commits_survive_a_power_cut_and_foreign_keys_hold(database: Database) -> None:
    async with database.write() as db:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "query_only")
        found = {name: await db.scalar(text(f"PRAGMA {name}")) for name in pragmas}
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "query_only": 0}
    async with database.read() as db:
        assert await db.scalar(text("PRAGMA query_only")) == 1


async def test_a_reader_sees_the_last_commit_while_somebody_writes(database: Database) -> None:
    async with database.write() as db:
        db.add(Widget(owner_id=new_id(), name="unseen"))
        await db.flush()
        assert await count(database) == 0
    assert await count(database) == 1


async def test_what_is_raised_rolls_back_and_frees_the_writer(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as db:
            db.add(Widget(owner_id=new_id(), name="gone"))
            await db.flush()
            raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await fail()
    assert await count(database) == 0
    async with database.write() as db:
        db.add(Widget(owner_id=new_id(), name="kept"))
    assert await count(database) == 1


@pytest.mark.parametrize("after", [0.0, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.02])
async def test_a_cancelled_transaction_frees_the_writer_wherever_it_was(
    database: Database, after: float
) -> None:
    async def insert() -> None:
        async with database.write() as db:
            for _ in range(5):
                db.add(Widget(owner_id=new_id(), name="half"))
                await db.flush()

    tasks = [asyncio.create_task(insert()) for _ in range(5)]
    await asyncio.sleep(after)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(1), database.write() as db:
        db.add(Widget(owner_id=new_id(), name="next"))
    assert (await count(database) - 1) % 5 == 0, "a transaction is whole or not there"


@pytest_asyncio.fixture
async def impatient(
    monkeypatch: pytest.MonkeyPatch, settings_for: MakeSettings, migrated: Callable[[str], str]
) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """A widgets service that waits for the database for 0.3 s only, and its database's URL."""
    monkeypatch.setattr(common_db, "BUSY_TIMEOUT", 0.3)
    url = migrated(widgets.__file__)
    settings = settings_for(ServiceSettings, widgets.__file__, database_url=url)
    async with served(widgets.create_app(settings)) as client:
        yield client, url


async def test_a_database_that_another_process_holds_is_503_and_nothing_is_half_written(
    impatient: tuple[httpx.AsyncClient, str], issuer: Issuer
) -> None:
    client, url = impatient
    headers = issuer.headers("widgets")
    holder = sqlite3.connect(path_of(url), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    refused = await client.post("/widgets/v1", json={"name": "one"}, headers=headers)
    holder.execute("ROLLBACK")
    assert refused.status_code == 503, refused.text
    assert refused.json()["code"] == "UNAVAILABLE"
    assert int(refused.headers["retry-after"]) >= 1
    assert holder.execute("SELECT count(*) FROM widgets").fetchone() == (0,)
    assert holder.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    holder.close()
    assert (await client.post("/widgets/v1", json={"name": "one"}, headers=headers)).status_code == 201


async def test_writers_that_wait_too_long_for_their_turn_are_503_and_the_first_is_served(
    impatient: tuple[httpx.AsyncClient, str], issuer: Issuer
) -> None:
    client, _ = impatient
    headers = issuer.headers("widgets")
    answers = await asyncio.gather(
        *(client.post("/widgets/v1", json={"name": "slow"}, headers=headers) for _ in range(4))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 201
    assert set(statuses) == {201, 503}
    assert (await client.post("/widgets/v1", json={"name": "after"}, headers=headers)).status_code == 201


async def test_a_broken_statement_is_not_taken_for_a_busy_database(database: Database) -> None:
    with pytest.raises(OperationalError) as raised:
        async with database.read() as db:
            await db.execute(text("SELECT * FROM nowhere"))
    assert not is_busy(raised.value)


async def test_times_come_back_in_utc_whatever_zone_they_went_in_with() -> None:
    kind = UtcDateTime()
    sqlite = common_db.create_async_engine("sqlite+aiosqlite://").dialect
    noon = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    stored = kind.process_bind_param(noon, sqlite)
    assert stored == datetime(2026, 1, 1, 7)  # noqa: DTZ001 (SQLite's have no zone)
    assert kind.process_result_value(stored, sqlite) == noon.astimezone(UTC)
    with pytest.raises(ValueError, match="without its zone"):
        kind.process_bind_param(datetime(2026, 1, 1), sqlite)  # noqa: DTZ001 (what is refused)
