"""The database of a service: SQLite by default, PostgreSQL by URL, through the same code.

SQLite has one writer, so there is one writing connection and its transactions begin with `BEGIN IMMEDIATE`: a
transaction either gets the lock at its start or waits, and never fails half-way because another one wrote. Reads go
to a pool of read-only connections, which WAL lets run beside the writer. `synchronous=FULL`: a commit that returned
survives a power cut.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Insert,
    MetaData,
    Table,
    TypeDecorator,
    Uuid,
    event,
    insert,
    inspect,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Session

from common import sqlite

BUSY_TIMEOUT = 5.0
"""Seconds a transaction waits for the lock or for a connection before the caller gets 503."""

EMITTED = "emitted"
"""The key in a session's `info` under which are the lanes of the outbox that its transaction wrote to."""
_PUT_OFF = "put off"
"""The key under which are the rows that its transaction inserts at its end, by statement and columns."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite has no time zones, so they are put off on the way in and on again on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        # (the signature is SQLAlchemy's)
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    """The base of every table. Each service has its own metadata because each runs in its own process."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {UUID: Uuid(), datetime: UtcDateTime(), dict[str, Any]: JSON(), list[str]: JSON()}  # noqa: RUF012


class Database:
    """One database: `write()` for a transaction, `read()` for a read-only session.

    `on_emitted` is called after each commit that wrote to the outbox, with the lanes: the relay puts its own waking there.
    `sessions` is the class of the sessions that write, for listeners to what all of them do.
    """

    def __init__(self, url: str, *, readers: int = 4) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = _sqlite_engine(url, size=1, writes=True)
            self._reader = _sqlite_engine(url, size=readers, writes=False)
        else:
            self._writer = _postgres_engine(url, size=readers + 1, overflow=readers)
            # As on SQLite: all that one session reads is of one moment, and it cannot write.
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self.on_emitted: Callable[[Collection[str]], None] = lambda _lanes: None
        self.sessions: type[Session] = type("WriteSession", (Session,), {})
        self._write_session = async_sessionmaker(
            self._writer, expire_on_commit=False, sync_session_class=self.sessions
        )
        self._read_session = async_sessionmaker(self._reader, expire_on_commit=False)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction: begun at the first statement, committed at the end, rolled back if anything is raised."""
        async with self._write_session() as session:
            try:
                yield session
                for (statement, _), rows in session.info.pop(_PUT_OFF, {}).items():
                    await session.execute(statement, rows)
                await session.commit()
                if lanes := session.info.pop(EMITTED, None):
                    self.on_emitted(lanes)
            except BaseException:
                # The rollback must end even when the request was cancelled, or the only writer stays taken.
                await asyncio.shield(session.rollback())
                raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A read-only session; on SQLite a write through it fails."""
        async with self._read_session() as session:
            yield session

    async def check(self) -> None:
        """Raise if the database does not answer."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()

    @property
    def writer(self) -> AsyncEngine:
        return self._writer


@cache
def _insert_into(kind: type[Base]) -> tuple[Insert, Mapping[str, str]]:
    """The INSERT into the table of `kind`, and the names of its columns by those of the attributes."""
    columns = {prop.key: prop.columns[0].key for prop in inspect(kind).column_attrs}
    return insert(cast("Table", kind.__table__)), columns


def insertion(row: Base) -> tuple[Insert, dict[str, Any]]:
    """What to execute to insert `row`, with the attributes that it was made with, where no session need follow it, which costs
    more than the row does. What is changed of `row` later is not written."""
    statement, columns = _insert_into(type(row))
    given = row.__dict__
    return statement, {column: given[name] for name, column in columns.items() if name in given}


def insert_last(db: AsyncSession, row: Base) -> None:
    """Insert a row that nothing in the transaction reads, right before its commit, in one step with others of its kind."""
    statement, values = insertion(row)
    db.info.setdefault(_PUT_OFF, {}).setdefault((statement, tuple(values)), []).append(values)


def _sqlite_engine(url: str, *, size: int, writes: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT,
        hide_parameters=True,
        connect_args={
            "timeout": BUSY_TIMEOUT,
            "isolation_level": None,
            "async_creator_fn": sqlite.connect,
        },
    )

    def on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
        cursor.close()

    def on_begin(connection: Any) -> None:
        connection.connection.driver_connection.begin("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)
    return engine


def _postgres_engine(url: str, *, size: int, overflow: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=overflow,
        pool_timeout=BUSY_TIMEOUT,
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT},
    )

    def connect(dialect: Any, _record: Any, arguments: Any, named: Any) -> Any:
        # What asyncpg raises while it connects comes through SQLAlchemy as it is: an OSError, or its own.
        try:
            return dialect.connect(*arguments, **named)
        except Exception as error:
            raise OperationalError(None, None, error) from error

    event.listen(engine.sync_engine, "do_connect", connect)
    return engine
