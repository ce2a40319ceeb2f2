"""Leadership: of all processes on one database, one at a time does a certain task.

The lock goes with whoever holds it, however that ends: a file lock beside a SQLite file goes with the process, a
session-level advisory lock on PostgreSQL with the connection. A connection can be lost while the process lives on, so a
leader there keeps looking whether it still is one.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NoReturn
from zlib import crc32

import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from common.db import Database

log = structlog.get_logger()

Hold = Callable[[], Awaitable[NoReturn]]
"""Waits for as long as the lock is held; raises once it is lost."""

_TRY_EVERY = 1.0


async def lead(database: Database, task: str, work: Callable[[], Awaitable[None]]) -> NoReturn:
    """Run `work` whenever and for as long as this process leads in `task`; begin again whatever ends it.

    For up to a second after a lost connection two may lead, so `work` must bear to be done twice.
    """
    while True:
        try:
            async with leadership(database, task) as hold, asyncio.TaskGroup() as group:
                group.create_task(_forever(hold))
                await work()
        except Exception as error:  # noqa: BLE001 (a database that is away: leading is resumed when it is back)
            log.warning("leadership_interrupted", task=task, error=type(error).__name__)
        await asyncio.sleep(_TRY_EVERY)


async def _forever(hold: Hold) -> None:
    await hold()


@asynccontextmanager
async def leadership(database: Database, task: str) -> AsyncIterator[Hold]:
    """Wait until this process may do `task` alone, and hold that right inside the block."""
    if database.is_sqlite:
        async with _file_lock(f"{make_url(database.url).database}.{task}.lock") as hold:
            yield hold
    else:
        async with _advisory_lock(database, crc32(task.encode())) as hold:
            yield hold


@asynccontextmanager
async def _file_lock(path: str) -> AsyncIterator[Hold]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_TRY_EVERY)
        yield _hold_file
    finally:
        os.close(descriptor)


async def _hold_file() -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError("nobody can take a lock from the process that holds it")


@asynccontextmanager
async def _advisory_lock(database: Database, key: int) -> AsyncIterator[Hold]:
    async with database.writer.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        asked = text("SELECT pg_try_advisory_lock(:key)")
        while not await connection.scalar(asked, {"key": key}):  # noqa: ASYNC110 (it is another process that lets go)
            await asyncio.sleep(_TRY_EVERY)
        try:
            yield lambda: _hold_connection(connection)
        finally:
            with contextlib.suppress(Exception):  # a lost connection has let go already
                await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


async def _hold_connection(connection: AsyncConnection) -> NoReturn:
    while True:
        await asyncio.sleep(_TRY_EVERY)
        await connection.execute(text("SELECT 1"))
