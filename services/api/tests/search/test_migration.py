"""What was written before there was an index is found too."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import api
from api.app import create_app
from api.search import folding
from api.settings import Settings
from common import migrations
from common.db import Database
from common.ids import new_id, now
from common.testing.fixtures import ON_POSTGRES, MakeSettings
from common.testing.issuer import Issuer
from common.testing.postgres import fresh_database
from common.testing.served import served

TITLES = ["Ünïcode Résumé C++", "zebra", "Äpfel 東京", "Straße"]


@pytest.fixture
def before(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database as it was before the index."""
    if ON_POSTGRES:
        url = fresh_database(request.getfixturevalue("postgres_url"))
    else:
        url = f"sqlite+aiosqlite:///{tmp_path / 'old.sqlite3'}"
    config = Config()
    config.set_main_option("script_location", str(migrations.folder(api.__file__)))
    config.attributes["url"] = url
    with ThreadPoolExecutor(1) as thread:
        thread.submit(command.upgrade, config, "0002").result()
    return url


async def write(url: str, owner_id: Any) -> None:
    """Resumes by the tables of that time, more of them than are indexed at once."""
    metadata = sa.MetaData()
    database = Database(url)
    async with database.writer.begin() as connection:
        await connection.run_sync(metadata.reflect, only=["resumes", "sections", "items", "tags"])
        resumes, sections, items, tags = (
            metadata.tables[name] for name in ("resumes", "sections", "items", "tags")
        )
        for number in range(104):
            resume, section, at = new_id(), new_id(), now().replace(tzinfo=None)
            if ON_POSTGRES:
                at = now()

            def key(value: Any) -> Any:
                return value if ON_POSTGRES else value.hex

            row = {
                "id": key(resume),
                "owner_id": key(owner_id),
                "title": TITLES[number] if number < len(TITLES) else f"Number {number}",
                "language": "en",
                "template": "classic",
                "template_version": 1,
                "settings": {},
                "basics": '{"name":"Ada\\u0000 Lovelace","n":1e400}',
                "extra": '{"note":"marginalia"}',
                "members": ["basics", "work", "note"],
                "version": 1,
                "created_at": at,
                "updated_at": at,
            }
            await connection.execute(resumes.insert(), row)
            part = {"resume_id": key(resume), "rank": "a0", "visible": True, "kind": "work"}
            of = {"id": key(section), "name": "work", "title": "Inventions"}
            await connection.execute(sections.insert(), part | of)
            long = " ".join(f"word{n}" for n in range(300))
            item = {"id": key(new_id()), "section_id": key(section), "data": f'{{"summary":"{long}"}}'}
            await connection.execute(items.insert(), part | item)
            tag = {"resume_id": key(resume), "owner_id": key(owner_id), "name": "Keep"}
            await connection.execute(tags.insert(), tag)
    await database.close()


async def test_what_there_was_before_is_found_sorted_and_tagged(
    before: str, settings_for: MakeSettings, issuer: Issuer
) -> None:
    owner_id = new_id()
    await write(before, owner_id)
    migrations.upgrade(migrations.folder(api.__file__), before)
    settings: Settings = settings_for(Settings, api.__file__, database_url=before)
    headers = issuer.headers("api", user_id=owner_id)
    async with served(create_app(settings)) as client:

        async def titles(limit: int = 3, **params: Any) -> list[str]:
            answer = await client.get("/api/v1/resumes", params=params | {"limit": limit}, headers=headers)
            assert answer.status_code == 200, answer.text
            return [item["title"] for item in answer.json()["items"]]

        for q, found in (("unicode resume", TITLES[0]), ("c++", TITLES[0]), ("京", TITLES[2])):
            assert await titles(q=q) == [found], q
        for q in ("lovelace", "marginalia", "inventions", '"word298 word299"', "keep"):
            assert len(await titles(q=q, limit=100)) == 100, q
        assert await titles(sort="title") == ["Äpfel 東京", "Number 10", "Number 100"]
        assert await titles(sort="-title", limit=2) == ["zebra", "Ünïcode Résumé C++"]
        assert await titles(tag="KEEP", sort="createdAt", limit=1) == TITLES[:1]
        assert (await client.get("/api/v1/tags", headers=headers)).json()["items"] == [
            {"name": "Keep", "count": 104}
        ]
        await edit(client, headers)
    await the_index_is_what_a_change_would_make(before)


async def edit(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """What the migration indexed is taken out of the index when it is changed."""
    params = {"q": "zebra"}
    (zebra,) = (await client.get("/api/v1/resumes", params=params, headers=headers)).json()["items"]
    path = f"/api/v1/resumes/{zebra['id']}"
    await client.put(f"{path}/content", json={"work": ["other"]}, headers=headers)
    await client.patch(path, json={"title": "Okapi", "tags": []}, headers=headers)
    for q, count in (("zebra", 0), ("okapi other", 1), ("okapi lovelace", 0), ("okapi keep", 0)):
        found = await client.get("/api/v1/resumes", params={"q": q}, headers=headers)
        assert len(found.json()["items"]) == count, q


async def the_index_is_what_a_change_would_make(url: str) -> None:
    """The migration folds as the service does."""
    database = Database(url)
    async with database.read() as db:
        rows = (await db.execute(sa.text("SELECT text, words FROM search_texts"))).all()
    await database.close()
    assert len(rows) > 500
    for row in rows if not ON_POSTGRES else ():
        assert row.words.split() == folding.words(row.text)
