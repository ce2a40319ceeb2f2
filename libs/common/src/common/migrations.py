"""Alembic, run from code: each service keeps its migrations in `services/<service>/migrations`."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from common.db import Database


def folder(package_file: str) -> Path:
    """The migrations of the service whose package is at `package_file`: installed with it, or beside its sources."""
    package = Path(package_file).parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parents[1] / "migrations"


def _config(migrations: Path, url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["url"] = url
    return config


def upgrade(migrations: Path, url: str) -> None:
    """Bring the database at `url` to the newest revision. Blocking; makes the folder of a SQLite file if needed.

    In a thread of its own, because the revisions run in an event loop of their own and the caller may be in one.
    """
    if url.startswith("sqlite"):
        Path(url.split("///", 1)[1]).parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(command.upgrade, _config(migrations, url), "head").result()


async def is_current(database: Database, migrations: Path) -> bool:
    """Whether the database is at the newest revision that this code knows, or beyond it (during a rollout)."""
    script = ScriptDirectory.from_config(_config(migrations, database.url))

    def compare(connection: Connection) -> bool:
        current = MigrationContext.configure(connection).get_current_revision()
        return current is not None and (current == script.get_current_head() or not _knows(script, current))

    async with database.writer.connect() as connection:
        return await connection.run_sync(compare)


def _knows(script: ScriptDirectory, revision: str) -> bool:
    return any(known.revision == revision for known in script.walk_revisions())


def create_outbox(op: Any) -> None:
    """The outbox table, as of this release, for the first revision of a service."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("message_id", sa.String(64), nullable=False, unique=True),
        sa.Column("lane", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(500)),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_lane_id", "outbox", ["lane", "id"])


def create_idempotency_keys(op: Any) -> None:
    """The table behind `common.idempotency`, as of this release."""
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("route", sa.String(200), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("body_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )


def run_env(metadata: MetaData) -> None:
    """The whole of a service's `env.py`: run the revisions on the URL that `upgrade` was given."""

    def run(connection: Connection) -> None:
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()

    async def connect() -> None:
        database = Database(context.config.attributes["url"])
        async with database.writer.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()
        await database.close()

    asyncio.run(connect())
