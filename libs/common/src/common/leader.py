"""Leadership: of all processes on one database, one at a time relays its outbox.

The lock dies with the process that holds it, however it dies: a file lock beside a SQLite file, a session-level
advisory lock on PostgreSQL.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zlib import crc32

from sqlalchemy import text
from sqlalchemy.engine import make_url

from common.db import Database

_TRY_EVERY = 1.0


@asynccontextmanager
async def leadership(database: Database, task: str) -> AsyncIterator[None]:
    """Wait until this process may do `task` alone, and hold that right inside the block."""
    if database.is_sqlite:
        async with _file_lock(f"{make_url(database.url).database}.{task}.lock"):
            yield
    else:
        async with _advisory_lock(database, crc32(task.encode())):
            yield


@asynccontextmanager
async def _file_lock(path: str) -> AsyncIterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_TRY_EVERY)
        yield
    finally:
        os.close(descriptor)


@asynccontextmanager
async def _advisory_lock(database: Database, key: int) -> AsyncIterator[None]:
    async with database.writer.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while not await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):  # noqa: ASYNC110
            # (it is another process that lets go)
            await asyncio.sleep(_TRY_EVERY)
        try:
            yield
        finally:
            await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
