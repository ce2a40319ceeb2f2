"""Whether a service's database is at this release's schema already, so that a start need not ask the service.

Asking costs seconds of importing for every service. The service itself still refuses to be ready on a wrong schema.
"""

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from deploy.local.data import DataFolder, write_whole
from deploy.local.install import ROOT


def is_due(service: str, settings: Mapping[str, str], data: DataFolder) -> bool:
    """Whether the migrations changed since `mark`, or the database did: deleted, restored, or not of ours to know."""
    state = _state(service, settings)
    stamp = _stamp(service, data)
    return state is None or not stamp.exists() or stamp.read_text() != state


def mark(service: str, settings: Mapping[str, str], data: DataFolder) -> None:
    """Remember that the service's migrations have run on its database."""
    if state := _state(service, settings):
        write_whole(_stamp(service, data), state)


def _stamp(service: str, data: DataFolder) -> Path:
    return data.path / "db" / f"{service}.migrated"


def _state(service: str, settings: Mapping[str, str]) -> str | None:
    """The migrations' content, the database's address and the revision that it is at. None if that cannot be told."""
    url = settings[f"{service.upper()}_DATABASE_URL"]
    path = Path(url.partition("///")[2])
    if not url.startswith("sqlite") or not path.is_file():
        return None
    digest = hashlib.sha256(url.encode())
    for file in sorted((ROOT / "services" / service / "migrations").rglob("*.py")):
        digest.update(file.read_bytes())
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            revisions = database.execute("SELECT version_num FROM alembic_version ORDER BY 1").fetchall()
    except sqlite3.Error:
        return None
    return f"{digest.hexdigest()} {' '.join(row[0] for row in revisions)}\n"
