"""SQLite in one trip a statement: nothing else may be different for it."""

import asyncio
import sqlite3
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from widgets_service.app import Widget

from common import db as common_db
from common.db import Database
from common.ids import new_id

ROW = {"name": "A", "owner_id": new_id()}


async def trips_of(database: Database) -> list[object]:
    """What is sent to the thread of the one connection that writes, from now on."""
    sent: list[object] = []
    async with database.write() as db:
        raw = await (await db.connection()).get_raw_connection()
        connection: Any = raw.driver_connection
    send = connection._execute

    async def noted(function: object, *args: Any, **kwargs: Any) -> object:
        sent.append(function)
        return await send(function, *args, **kwargs)

    connection._execute = noted
    return sent


async def test_each_statement_is_one_trip_and_beginning_is_none(database: Database) -> None:
    trips = await trips_of(database)
    async with database.write() as db:
        await db.execute(insert(Widget), [{"id": new_id(), **ROW} for _ in range(3)])
        assert len(trips) == 1
        assert len((await db.scalars(select(Widget))).all()) == 3
        assert len(trips) == 2
    assert len(trips) == 3, "the commit; and nothing when the connection goes back"
    trips.clear()
    async with database.write():
        pass
    assert trips == []


async def test_what_a_statement_gives_is_what_it_gives_on_sqlite(database: Database) -> None:
    ids = [new_id() for _ in range(3)]
    async with database.write() as db:
        await db.execute(insert(Widget), [{"id": one, **ROW} for one in ids])
        renamed = await db.execute(update(Widget).where(Widget.id.in_(ids[:2])).values(name="B"))
        assert renamed.rowcount == 2  # type: ignore[attr-defined]
        gone = delete(Widget).where(Widget.name == "B").returning(Widget.id)
        assert set((await db.scalars(gone)).all()) == set(ids[:2])
        nothing = await db.execute(select(Widget.id, Widget.name).where(Widget.name == "none"))
        assert list(nothing.keys()) == ["id", "name"]
        assert nothing.first() is None
        connection = await db.connection()
        made = await connection.exec_driver_sql("INSERT INTO widgets VALUES (?, ?, ?)", (new_id().hex,) * 3)
        assert made.lastrowid
        assert made.rowcount == 1
    async with database.read() as db:
        assert len((await db.scalars(select(Widget.id))).all()) == 2


async def test_a_transaction_has_the_lock_from_its_first_statement_on(database: Database) -> None:
    path = database.url.split("///")[1]
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    async with database.write() as db:
        other.execute("BEGIN IMMEDIATE").execute("ROLLBACK")
        await db.execute(text("SELECT 1"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE").execute("ROLLBACK")
    other.close()


async def test_a_failed_statement_leaves_no_transaction_behind(database: Database) -> None:
    widget_id = new_id()
    for _ in range(2):
        with pytest.raises(IntegrityError):
            async with database.write() as db:
                await db.execute(insert(Widget), [{"id": widget_id, **ROW}] * 2)
    async with database.write() as db:
        assert await db.get(Widget, widget_id) is None


async def test_a_transaction_that_cannot_begin_says_so_and_the_next_one_can(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common_db, "BUSY_TIMEOUT", 0.1)
    impatient = Database(database.url)
    async with database.write() as db:
        await db.execute(text("SELECT 1"))
        with pytest.raises(OperationalError, match="locked"):
            async with impatient.write() as other:
                await other.execute(text("SELECT 1"))
    async with impatient.write() as other:
        await other.execute(insert(Widget), [{"id": new_id(), **ROW}])
    await impatient.close()


async def test_a_transaction_that_is_cancelled_while_it_waits_to_begin_is_rolled_back(
    database: Database,
) -> None:
    """Its `BEGIN` succeeds after everybody has left: whoever gets the connection next must not find it begun."""
    other = Database(database.url)

    async def write() -> None:
        async with other.write() as db:
            await db.execute(insert(Widget), [{"id": new_id(), **ROW}])

    async with database.write() as db:
        await db.execute(text("SELECT 1"))
        waiting = asyncio.create_task(write())
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.sleep(0.05)
    await asyncio.gather(waiting, return_exceptions=True)
    await write()
    async with database.write() as db:
        assert len((await db.scalars(select(Widget.id))).all()) == 1
    await other.close()
