"""The migrations make the tables that the models speak of, and keep what the release before had stored."""

import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from first_release import CONTENT, SAID, Release, compact

import api
from api.app import create_app
from api.settings import Settings
from common import migrations
from common.db import Base
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.processes import Nats
from common.testing.served import served

Owner = dict[str, str]
OF_SQLITE_ALONE = {"resumes.number", "search_texts.place", "search_texts.owner"}
"""Columns that triggers keep and no model knows."""
LONGER_ON_SQLITE = ("ix_resumes_number", "ix_resumes_live_", "ix_resumes_trash_")
"""Indexes that have such columns too."""
ADDED_INLINE = "library_item_id"
"""The column whose foreign key SQLAlchemy does not read back with all that it says: another test looks at it."""


def differences(file: Path) -> list[Any]:
    """What alembic would change in a migrated database, in the tables of this service."""
    for module in walk_packages(api.__path__, "api."):
        if module.name.endswith(".models"):
            import_module(module.name)
    ours = {table.name for table in Base.metadata.tables.values() if _is_ours(table)}

    def include(name: str | None, kind: str, parents: Any) -> bool:
        if kind == "table":
            return name in ours
        return f"{parents.get('table_name')}.{name}" not in OF_SQLITE_ALONE

    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": include})
        found = compare_metadata(context, Base.metadata)
    engine.dispose()
    return [each for each in found if _table(each) in ours and not _is_known(each)]


def _is_known(difference: Any) -> bool:
    if difference[0] in {"add_fk", "remove_fk"}:
        return bool(difference[1].column_keys == [ADDED_INLINE])
    return difference[0] in {"add_index", "remove_index"} and difference[1].name.startswith(LONGER_ON_SQLITE)


def _is_ours(table: sa.Table) -> bool:
    """The suite of another service may have made its own tables known in this process, too."""
    return table.name in {"outbox", "idempotency_keys"} or any(
        mapper.local_table is table and mapper.class_.__module__.startswith("api.")
        for mapper in Base.registry.mappers
    )


def _table(difference: object) -> str:
    """The table that a difference is about; alembic tells it in several forms."""
    entry = difference[0] if isinstance(difference, list) else difference
    assert isinstance(entry, tuple)
    about = entry[1]
    return str(entry[2] if about is None else getattr(getattr(about, "table", about), "name", about))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A new database of this release; on SQLite, whatever the others are tested on."""
    file = tmp_path / "new.sqlite3"
    _upgrade(file, "head")
    return file


def test_the_migrated_tables_are_those_of_the_models(file: Path) -> None:
    assert differences(file) == []


def test_a_table_that_is_not_as_its_model_says_is_found(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("ALTER TABLE versions DROP COLUMN reason")
    database.close()
    assert [difference[0] for difference in differences(file)] == ["add_column"]


def test_an_item_outlives_the_library_item_that_it_uses(file: Path) -> None:
    with sqlite3.connect(file) as database:
        keys = database.execute("PRAGMA foreign_key_list(items)").fetchall()
    database.close()
    assert [(key[2], key[6]) for key in keys if key[3] == ADDED_INLINE] == [("library_items", "SET NULL")]


def _upgrade(file: Path, revision: str) -> None:
    config = migrations._config(migrations.folder(api.__file__), f"sqlite+aiosqlite:///{file}")
    with ThreadPoolExecutor(1) as thread:
        thread.submit(command.upgrade, config, revision).result()


def _counts(file: Path) -> dict[str, int]:
    """How many rows each table has."""
    with sqlite3.connect(file) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        found = {
            name: int(database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
            for (name,) in tables
            if not name.startswith(("sqlite_", "alembic_", "search_index"))
        }
    database.close()
    return found


@pytest.fixture
def release(tmp_path: Path, owner_id: UUID) -> Release:
    release = Release(tmp_path / "old.sqlite3", owner_id)
    _upgrade(release.file, "0001")
    release.store()
    return release


def test_no_row_of_the_release_before_is_lost(release: Release) -> None:
    before = _counts(release.file)
    assert all(before.values()), before
    _upgrade(release.file, "head")
    after = _counts(release.file)
    assert {table: after[table] for table in before} == before


@pytest.fixture
async def upgraded(
    release: Release, settings_for: MakeSettings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.AsyncClient]:
    """This release on the database of the one before."""
    _upgrade(release.file, "head")
    nats = Nats(tmp_path_factory.mktemp("nats"))
    nats.start()
    try:
        url = f"sqlite+aiosqlite:///{release.file}"
        settings: Settings = settings_for(Settings, api.__file__, database_url=url, nats_url=nats.url)
        async with served(create_app(settings)) as client:
            yield client
    finally:
        nats.stop()


async def test_what_the_release_before_had_stored_is_used_on(
    upgraded: httpx.AsyncClient, release: Release, owner: Owner, issuer: Issuer
) -> None:
    client, path = upgraded, f"/api/v1/resumes/{release.resume_id}"
    resume = (await client.get(path, headers=owner)).json()
    assert (resume["title"], resume["kind"], resume["settings"]) == ("Ada", "resume", {"accent": "blue"})
    content = (await client.get(f"{path}/content", headers=owner)).text
    assert content == compact(CONTENT)
    for key in (release.version_id, release.exported_id):
        version = (await client.get(f"/api/v1/versions/{key}", headers=owner)).json()
        assert version["content"] == SAID | {"n": version["number"]}
        assert version["layout"] == {}
        whole = {"content": version["content"], "layout": {}}
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
        assert version["sha256"] == hashlib.sha256(text.encode()).hexdigest()
        headers = issuer.service_headers("api", client_id="processor")
        rendered = (await client.get(f"/internal/versions/{key}", headers=headers)).json()
        assert rendered["content"] == version["content"]
        assert [section["name"] for section in rendered["sections"]] == ["work"]
    listed = (await client.get(f"{path}/versions", headers=owner)).json()["items"]
    assert [(v["name"], v["reason"]) for v in listed] == [(None, "export"), ("As sent", "manual")]
    export = (await client.get(f"/api/v1/exports/{release.export_id}", headers=owner)).json()
    assert (export["status"], export["versionId"]) == ("succeeded", str(release.exported_id))
    found = (await client.get("/api/v1/resumes", params={"q": "programmer"}, headers=owner)).json()
    assert [item["id"] for item in found["items"]] == [str(release.resume_id)]


async def test_what_the_release_before_had_stored_is_written_on(
    upgraded: httpx.AsyncClient, release: Release, owner: Owner
) -> None:
    client, path = upgraded, f"/api/v1/resumes/{release.resume_id}"
    changed = CONTENT | {"skills": ["x", {"n": 10**30}, "new"]}
    put = await client.put(f"{path}/content", json=changed, headers=owner | {"If-Match": '"v7"'})
    assert put.status_code == 200, put.text
    assert (await client.get(f"{path}/content", headers=owner)).json() == changed
    restored = await client.post(f"/api/v1/versions/{release.version_id}/restore", headers=owner)
    assert restored.status_code == 200, restored.text
    assert (await client.get(f"{path}/content", headers=owner)).json() == SAID | {"n": 1}
    item = f"{path}/items/{release.items[1]}"
    assert (await client.get(item, headers=owner)).json()["data"] == {"name": "Other"}, "the row stayed"
    found = await client.get(f"/api/v1/versions/{release.exported_id}/diff", headers=owner)
    assert [(c["op"], c["member"], c["after"]) for c in found.json()["changes"]] == [("change", "n", 2)]


async def test_a_request_from_before_the_upgrade_is_answered_as_then(
    upgraded: httpx.AsyncClient, release: Release, owner: Owner
) -> None:
    headers = owner | {"Idempotency-Key": "before", "Content-Type": "application/json"}
    answer = await upgraded.post("/api/v1/resumes", content=b'{"title":"Ada"}', headers=headers)
    assert answer.headers["idempotent-replayed"] == "true"
    assert answer.json()["id"] == str(release.resume_id)
