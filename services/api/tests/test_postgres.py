"""The same service on PostgreSQL, by its URL alone."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

import api
from api.app import create_app
from api.settings import Settings
from common.db import Database
from common.testing.fixtures import MakeSettings
from common.testing.processes import Nats
from common.testing.served import served


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def on_postgres(
    settings_for: MakeSettings,
    migrated_postgres: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[httpx.AsyncClient, Settings]]:
    nats = Nats(tmp_path_factory.mktemp("nats"))
    nats.start()
    try:
        url = migrated_postgres(api.__file__)
        settings: Settings = settings_for(Settings, api.__file__, database_url=url, nats_url=nats.url)
        async with served(create_app(settings)) as client:
            yield client, settings
    finally:
        nats.stop()


async def test_documents_are_kept_on_postgresql(on_postgres: Any, owner: dict[str, str]) -> None:
    client, settings = on_postgres
    document: dict[str, Any] = {
        "basics": {"name": "\u0000 null and 👩🏽‍💻"},
        "work": [{"name": "A\u0000", "n": 10**30}, {"name": "B", "position": "P"}, None, 1.0, "b", "B", "a"],
        "\u0000": [1],
        "empty": [],
    }
    made = await client.post("/api/v1/resumes", json={"title": "A", "content": document}, headers=owner)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    for _ in range(2):
        document["work"] = [document["work"][-1], "new", *document["work"][:-1]]
        assert (await client.put(f"{path}/content", json=document, headers=owner)).status_code == 200
        got = await client.get(f"{path}/content", headers=owner)
        assert got.text == json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    database = Database(settings.database_url)
    async with database.read() as db:
        rows = await db.execute(
            text("SELECT company, position FROM experiences WHERE resume_id = :id"),
            {"id": UUID(path.rsplit("/", 1)[1])},
        )
        assert ("B", "P") in [tuple(row) for row in rows]
    await database.close()


async def test_of_two_writers_one_wins_on_postgresql(on_postgres: Any, owner: dict[str, str]) -> None:
    client, _ = on_postgres
    path = (await client.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).headers["location"]
    headers = owner | {"If-Match": '"v1"'}
    answers = await asyncio.gather(
        *(client.put(f"{path}/content", json={"work": [n]}, headers=headers) for n in range(4))
    )
    assert sorted(a.status_code for a in answers) == [200, 412, 412, 412]


async def test_exports_and_lists_work_on_postgresql(on_postgres: Any, owner: dict[str, str]) -> None:
    client, _ = on_postgres
    made = await client.post("/api/v1/resumes", json={"title": "A", "content": {"work": [1]}}, headers=owner)
    body = {"resumeId": made.json()["id"], "format": "pdf"}
    answers = await asyncio.gather(
        *(client.post("/api/v1/exports", json=body, headers=owner) for _ in range(3))
    )
    assert {a.status_code for a in answers} == {202}
    exports = (await client.get("/api/v1/exports", headers=owner)).json()["items"]
    assert len({export["versionId"] for export in exports}) == 1
    assert len((await client.get(f"{made.headers['location']}/versions", headers=owner)).json()["items"]) == 1
    listed = {name: value for name, value in made.json().items() if name != "basics"}
    assert (await client.get("/api/v1/resumes", headers=owner)).json()["items"] == [listed]
    job = await client.get(f"/api/v1/jobs/{answers[0].json()['jobId']}", headers=owner)
    assert job.json()["state"] == "queued"
    assert (await client.delete(made.headers["location"], headers=owner)).status_code == 204
