"""Uploaded templates on the disk: few, and those that are only tried leave nothing."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from processor_standins.archives import MANIFEST, zipped

from common.db import Database
from common.ids import new_id, now
from processor.settings import Settings
from processor.uploads import shelf as shelves
from processor.uploads.archives import TemplateRefused
from processor.uploads.models import Upload
from processor.uploads.shelf import Shelf


@pytest_asyncio.fixture
async def database(client: httpx.AsyncClient, settings: Settings) -> AsyncIterator[Database]:
    opened = Database(settings.database_url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def shelf(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shelf]:
    """With a disk of its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened = Shelf(database, {})
    yield opened
    await opened.close()


def on_disk(tmp_path: Path) -> list[Path]:
    return [found.parent for found in tmp_path.rglob("template.toml")]


async def published(database: Database, name: str, owner_id: UUID) -> str:
    archive = zipped({"template.toml": MANIFEST, "resume.typ": f"= {name}"})
    row = Upload(template_id=f"{name}-{owner_id.hex[:8]}", version=1, owner_id=owner_id, uploaded_by=owner_id)
    row.state, row.name, row.archive, row.job_id = "published", name, archive, new_id()
    row.sha256, row.published_at = name * 8, now()
    async with database.write() as db:
        db.add(row)
    return row.template_id


async def test_what_nobody_has_asked_for_in_a_while_makes_room_and_comes_back(
    shelf: Shelf, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "MOST_UNPACKED", 1)
    owner = new_id()
    names = [await published(database, name, owner) for name in ("one", "two")]
    for _ in range(2):
        for name in names:
            found = await shelf.find(name, 1, user_id=owner)
            assert found is not None
    assert len(on_disk(tmp_path)) == 2, "somebody may be about to render with them"
    monkeypatch.setattr(shelves, "IN_USE_FOR", 0.0)
    for name in (await published(database, "three", owner), names[0]):
        found = await shelf.find(name, 1, user_id=owner)
        assert found is not None
        assert on_disk(tmp_path) == [found.folder]


async def test_what_is_tried_leaves_nothing_on_the_disk(shelf: Shelf, tmp_path: Path) -> None:
    async with shelf.trial(zipped({"template.toml": MANIFEST, "resume.typ": ""})) as template:
        assert (template.folder / "resume.typ").exists()
    with pytest.raises(TemplateRefused):
        async with shelf.trial(zipped({"template.toml": MANIFEST, "other.typ": ""})):
            pass
    assert on_disk(tmp_path) == []
