"""Links on PostgreSQL, where transactions run side by side."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

import api
from api.app import create_app
from api.settings import Settings
from api.shares.views import counting
from common import migrations
from common.testing.fixtures import MakeSettings, eventually
from common.testing.postgres import postgres
from common.testing.served import served

BROWSER = {"User-Agent": "Mozilla/5.0 Firefox/140.0", "Referer": "https://news.example/"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def replicas(
    settings_for: MakeSettings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    with postgres(tmp_path_factory.mktemp("postgres")) as url:
        migrations.upgrade(migrations.folder(api.__file__), url)
        settings: Settings = settings_for(Settings, api.__file__, database_url=url)
        async with served(create_app(settings)) as one, served(create_app(settings)) as other:
            yield one, other


async def test_a_link_is_opened_counted_and_taken_once_on_postgresql(
    replicas: Any, owner: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "EVERY", 0.05)
    client, other = replicas
    path = (await client.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).headers["location"]
    making = [
        each.post(
            f"{path}/shares",
            json={"slug": "ada-lovelace", "maxViews": 10, "allowDownload": True},
            headers=owner,
        )
        for each in (client, other, client, other)
    ]
    made = sorted(await asyncio.gather(*making), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in made] == [201, 409, 409, 409]
    share = made[0].json()
    opening = [each.get("/r/ada-lovelace", headers=BROWSER) for each in (client, other) for _ in range(25)]
    answers = await asyncio.gather(*opening)
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [404] * 40

    async def counted() -> Any:
        found = await client.get(f"/api/v1/shares/{share['id']}/statistics", headers=owner)
        assert found.status_code == 200, found.text
        return found.json() if found.json()["totals"]["views"] == 10 else None

    found = await eventually(counted)
    assert found["totals"] == {"views": 10, "visitors": 1, "downloads": 0}
    assert found["referrers"] == [{"host": "news.example", "views": 10}]
    unbounded = await client.patch(f"/api/v1/shares/{share['id']}", json={"maxViews": None}, headers=owner)
    assert unbounded.status_code == 200, unbounded.text
    files = await asyncio.gather(
        *(each.get("/r/ada-lovelace/resume.pdf") for each in (client, other) for _ in range(5))
    )
    assert {answer.status_code for answer in files} == {202}
    exports = (await client.get("/api/v1/exports", headers=owner)).json()["items"]
    assert sorted(export["format"] for export in exports) == ["og-image", "pdf"]
    await client.delete(f"/api/v1/shares/{share['id']}", headers=owner)
    again = await client.post(f"{path}/shares", json={"slug": "Ada-Lovelace"}, headers=owner)
    assert again.status_code == 201, again.text
    assert (await client.get("/r/a%00b")).status_code == 404
