"""When a start runs a service's migrations, and when it need not."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local import schema, settings
from deploy.local.data import DataFolder
from deploy.local.ports import DEFAULTS


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.create()
    return folder


@pytest.fixture
def environ(data: DataFolder) -> dict[str, str]:
    return settings.build(data, 8080, DEFAULTS, {})


def be_at(data: DataFolder, revision: str) -> Path:
    """A database of the SSO at that revision."""
    path = data.path / "db/resume_auth_db.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            "CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT);"
            f"DELETE FROM alembic_version; INSERT INTO alembic_version VALUES ('{revision}');"
        )
    return path


def test_a_database_is_migrated_once(data: DataFolder, environ: dict[str, str]) -> None:
    assert schema.is_due("sso", environ, data)
    be_at(data, "0001")
    assert schema.is_due("sso", environ, data)
    schema.mark("sso", environ, data)
    assert not schema.is_due("sso", environ, data)


def test_a_deleted_or_restored_database_is_migrated_again(data: DataFolder, environ: dict[str, str]) -> None:
    path = be_at(data, "0002")
    schema.mark("sso", environ, data)
    be_at(data, "0001")
    assert schema.is_due("sso", environ, data)
    path.unlink()
    assert schema.is_due("sso", environ, data)


def test_a_database_elsewhere_is_always_migrated(data: DataFolder, environ: dict[str, str]) -> None:
    elsewhere = environ | {"SSO_DATABASE_URL": "postgresql+asyncpg://db/sso"}
    schema.mark("sso", elsewhere, data)
    assert schema.is_due("sso", elsewhere, data)
