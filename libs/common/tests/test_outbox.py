"""The outbox is part of the transaction that fills it: its rows are there with the rest, or not at all."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from widgets_service.app import Widget, WidgetCreated, make

from common import context
from common.db import Database, insert_last
from common.ids import new_id
from common.outbox import OutboxRow, call, emit


async def rows(database: Database) -> list[OutboxRow]:
    async with database.read() as db:
        return list(await db.scalars(select(OutboxRow).order_by(OutboxRow.id)))


async def test_the_row_and_what_it_tells_of_are_kept_together(database: Database) -> None:
    async with database.write() as db:
        widget = await make(db, owner_id=new_id(), name="one")
    (row,) = await rows(database)
    assert (row.lane, row.subject) == ("nats", "events.widgets.widget.created.v1")
    assert row.payload == b'{"id":"%s"}' % str(widget.id).encode()
    assert (row.attempts, row.last_error, row.failed_at) == (0, None, None)


async def test_neither_is_kept_when_the_transaction_fails(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as db:
            await make(db, owner_id=new_id(), name="crash")

    with pytest.raises(RuntimeError):
        await fail()
    assert await rows(database) == []
    async with database.read() as db:
        assert await db.scalar(select(func.count()).select_from(Widget)) == 0


async def test_only_a_transaction_that_emits_and_commits_wakes_the_relay(database: Database) -> None:
    woken: list[set[str]] = []
    database.on_emitted = lambda lanes: woken.append(set(lanes))

    async def fail() -> None:
        async with database.write() as db:
            emit(db, "events.x", b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.write() as db:
        db.add(Widget(owner_id=new_id(), name="quiet"))
    assert woken == []
    async with database.write() as db:
        emit(db, "events.x", b"x")
        emit(db, "$KV.x.y", b"x")
        assert woken == []
    assert woken == [{"nats", "kv"}], "and it looks nowhere else"


async def test_a_call_is_a_row_in_the_lane_of_its_service(database: Database) -> None:
    async with database.write() as db:
        call(db, "account", "PUT", "/internal/profiles/1", WidgetCreated(id=uuid4()))
        call(db, "api", "DELETE", "/internal/things/2", None)
    first, second = await rows(database)
    assert (first.lane, first.subject) == ("http:account", "PUT /internal/profiles/1")
    assert (second.lane, second.subject, second.payload) == ("http:api", "DELETE /internal/things/2", b"null")
    assert len({first.message_id, second.message_id}) == 2


async def test_rows_keep_the_order_in_which_they_were_emitted(database: Database) -> None:
    async with database.write() as db:
        for n in range(50):
            emit(db, f"events.{n}", b"x")
            call(db, "account", "PUT", f"/{n}", None)
    found = await rows(database)
    assert [row.subject for row in found if row.lane == "nats"] == [f"events.{n}" for n in range(50)]
    assert [row.subject for row in found if row.lane != "nats"] == [f"PUT /{n}" for n in range(50)]


async def test_what_is_emitted_in_a_part_that_is_undone_goes_with_it(database: Database) -> None:
    async with database.write() as db:
        emit(db, "events.kept", b"x")
        with suppress(ZeroDivisionError):
            async with db.begin_nested():
                emit(db, "events.undone", b"x")
                raise ZeroDivisionError
    assert [row.subject for row in await rows(database)] == ["events.kept"]


async def test_rows_that_are_put_off_may_differ_in_what_they_set(database: Database) -> None:
    def row(name: str, **more: Any) -> OutboxRow:
        return OutboxRow(message_id=name, lane="x", subject=name, headers={}, payload=b"", **more)

    async with database.write() as db:
        for one in (row("a"), row("b", attempts=3), row("c")):
            insert_last(db, one)
    assert {found.subject: found.attempts for found in await rows(database)} == {"a": 0, "b": 3, "c": 0}


async def test_a_row_remembers_the_request_that_made_it(database: Database) -> None:
    context.accept("request-of-a-caller", f"00-{'a' * 32}-{'b' * 16}-01")
    async with database.write() as db:
        emit(db, "events.x", b"x", headers={"X-Own": "1"})
    (row,) = await rows(database)
    assert row.headers == {
        "X-Request-Id": "request-of-a-caller",
        "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
        "X-Own": "1",
    }
