"""The connection to SQLite, in one trip to its thread for each statement.

aiosqlite, and SQLAlchemy on it, goes there and back to make a cursor, to run it, to read it and to close it, and once
more to begin. Each trip wakes two threads and costs more than most statements do.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiosqlite


class Cursor:
    """What SQLAlchemy uses of a cursor. All rows are read with the statement, as SQLAlchemy would anyway."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "Cursor":
        await self._connection.run(lambda to: self._keep(to.execute(statement, parameters)))
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> "Cursor":
        await self._connection.run(lambda to: self._keep(to.executemany(statement, parameters)))
        return self

    def _keep(self, done: sqlite3.Cursor) -> None:
        self._rows = done.fetchall() if done.description else []
        self.description, self.rowcount, self.lastrowid = done.description, done.rowcount, done.lastrowid
        done.close()

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        """It was closed when its rows had been read."""


class Connection(aiosqlite.Connection):
    _begin = ""
    _may_be_open = False
    """Whether a statement was sent since the last commit or rollback that was seen to end."""

    def begin(self, statement: str) -> None:
        """Run `statement` (`BEGIN IMMEDIATE`) before the next one: a transaction in which nothing happens is none."""
        self._begin = statement

    def cursor(self) -> Cursor:  # type: ignore[override] # (theirs is awaited; SQLAlchemy enters both)
        return Cursor(self)

    async def run(self, action: Callable[[sqlite3.Connection], None]) -> None:
        """Call `action` with the real connection, in its thread."""
        begin, self._begin = self._begin, ""
        self._may_be_open = True

        def begin_and_act() -> None:
            if begin:
                self._conn.execute(begin)
            action(self._conn)

        await self._execute(begin_and_act)  # type: ignore[no-untyped-call]

    async def commit(self) -> None:
        await self._end(super().commit)

    async def rollback(self) -> None:
        await self._end(super().rollback)

    async def _end(self, end: Callable[[], Awaitable[None]]) -> None:
        """Without a trip where there is nothing to end, as whenever SQLAlchemy's pool takes a connection back."""
        self._begin = ""
        if self._may_be_open:
            await end()
            self._may_be_open = False


def connect(database: str, **options: Any) -> Connection:
    """What SQLAlchemy's `async_creator_fn` wants. `options` are those of `sqlite3.connect`."""
    connection = Connection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy sets it for connections that it makes itself
    return connection
