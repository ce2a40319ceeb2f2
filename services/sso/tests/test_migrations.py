"""The migrations make the tables that the models speak of, and keep what a release before had stored."""

import sqlite3
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import sso
from common import migrations
from common.db import Base


def test_the_migrated_tables_are_those_of_the_models(migrated: Callable[[str], str]) -> None:
    for module in walk_packages(sso.__path__, "sso."):
        if module.name.endswith(".models"):
            import_module(module.name)
    ours = {table.name for table in Base.metadata.tables.values() if _is_ours(table)}
    engine = sa.create_engine(migrated(sso.__file__).replace("+aiosqlite", ""))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in ours}
        )
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert [found for found in differences if _name(found) in ours] == []


def _is_ours(table: sa.Table) -> bool:
    """The suite of another service may have made its own tables known in this process, too."""
    return table.name == "outbox" or any(
        mapper.local_table is table and mapper.class_.__module__.startswith("sso.")
        for mapper in Base.registry.mappers
    )


def _name(difference: object) -> str:
    """The table that a difference is about; alembic tells it in several forms."""
    entry = difference[0] if isinstance(difference, list) else difference
    assert isinstance(entry, tuple)
    about = entry[1]
    return str(entry[2] if about is None else getattr(getattr(about, "table", about), "name", about))


def test_sessions_of_the_release_before_go_on(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite3"
    config = migrations._config(migrations.folder(sso.__file__), f"sqlite+aiosqlite:///{file}")
    _in_thread(lambda: command.upgrade(config, "0001"))
    with sqlite3.connect(file) as old:
        at = "2026-01-01 00:00:00.000000"
        user, session = "a" * 32, "b" * 32
        old.execute(
            "INSERT INTO users (id, email, email_key, name, locale, status, roles, created_at, updated_at) "
            f"VALUES ('{user}', 'a@b.c', 'a@b.c', 'A', 'en', 'active', '[]', '{at}', '{at}')"
        )
        old.execute(
            "INSERT INTO sessions (id, user_id, ip, user_agent, created_at, last_active_at, expires_at) "
            f"VALUES ('{session}', '{user}', '', '', '{at}', '{at}', '{at}')"
        )
        old.execute(
            "INSERT INTO refresh_tokens (id, session_id, sha256, created_at, expires_at) "
            f"VALUES ('{user}', '{session}', x'00', '{at}', '{at}')"
        )
        old.execute(
            "INSERT INTO oauth_clients (id, kind, secret_sha256, created_at, updated_at) "
            f"VALUES ('api', 'service', x'00', '{at}', '{at}')"
        )
    old.close()
    _in_thread(lambda: command.upgrade(config, "head"))
    with sqlite3.connect(file) as new:
        kept = new.execute(
            "SELECT client_id, scope, amr, authenticated_at, created_at FROM sessions"
        ).fetchall()
        tokens = new.execute("SELECT count(*) FROM refresh_tokens").fetchone()
        clients = new.execute("SELECT grant_types FROM oauth_clients").fetchall()
    new.close()
    assert kept == [("resumax", "platform", '["pwd"]', at, at)]
    assert tokens == (1,)
    assert clients == [('["client_credentials"]',)]


def _in_thread(work: Callable[[], None]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        thread.submit(work).result()
