"""The connection to SQLite, in one trip to its thread for each statement.

aiosqlite, and SQLAlchemy on it, goes there and back to make a cursor, to run it, to read it and to close it. Each trip
wakes two threads and costs more than most statements do.
"""

import sqlite3
from collections.abc import Callable, Sequence
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
    def cursor(self) -> Cursor:  # type: ignore[override] # (theirs is awaited; SQLAlchemy enters both)
        return Cursor(self)

    async def run(self, action: Callable[[sqlite3.Connection], None]) -> None:
        """Call `action` with the real connection, in its thread."""
        await self._execute(lambda: action(self._conn))  # type: ignore[no-untyped-call]


def connect(database: str, **options: Any) -> Connection:
    """What SQLAlchemy's `async_creator_fn` wants. `options` are those of `sqlite3.connect`."""
    connection = Connection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy sets it for connections that it makes itself
    return connection
