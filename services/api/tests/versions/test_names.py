"""Names of versions, lists by name and reason, and deleting versions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from api.exports.models import Export
from api.shares.models import Share
from common.db import Database
from common.ids import new_id, now
from common.testing.issuer import Issuer

Owner = dict[str, str]


@pytest.fixture
async def version(client: httpx.AsyncClient, owner: Owner, make_resume: Any) -> dict[str, Any]:
    path = await make_resume(content={"work": [1]})
    made = await client.post(f"{path}/versions", headers=owner)
    return {**made.json(), "path": made.headers["location"], "resume": path}


async def test_a_version_is_named_and_unnamed(
    client: httpx.AsyncClient, owner: Owner, version: dict[str, Any]
) -> None:
    for name in ("As sent", None):
        answer = await client.patch(version["path"], json={"name": name}, headers=owner)
        assert (answer.status_code, answer.json()["name"]) == (200, name)
        read = (await client.get(version["path"], headers=owner)).json()
        assert (read["name"], read["sha256"]) == (name, version["sha256"])


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "x" * 201}, {"name": "a\nb"}, {"name": "a", "b": 1}]
)
async def test_what_is_no_name_is_refused(
    client: httpx.AsyncClient, owner: Owner, version: dict[str, Any], body: Any
) -> None:
    assert (await client.patch(version["path"], json=body, headers=owner)).status_code == 400


async def test_freezing_the_same_again_gives_a_name_and_never_drops_one(
    client: httpx.AsyncClient, owner: Owner, version: dict[str, Any]
) -> None:
    async def freeze(body: Any) -> httpx.Response:
        return await client.post(f"{version['resume']}/versions", json=body, headers=owner)

    for body in ({"name": "First"}, {"name": "First"}, {}, {"name": None}, None):
        answer = await freeze(body)
        assert (answer.status_code, answer.json()["name"]) == (200, "First"), body
    refused = await freeze({"name": "second"})
    assert (refused.status_code, refused.json()["code"]) == (409, "VERSION_NAMED_ALREADY")
    for told in (version["id"], "First", f"PATCH /versions/{version['id']}"):
        assert told in refused.json()["detail"]
    assert (await client.get(version["path"], headers=owner)).json()["name"] == "First"
    await client.patch(version["path"], json={"name": "second"}, headers=owner)
    assert (await freeze({"name": "second"})).status_code == 200
    await client.put(f"{version['resume']}/content", json={"work": [2]}, headers=owner)
    assert (await freeze({"name": "second"})).status_code == 201, "of other content"


async def test_versions_are_listed_by_name_and_reason(
    client: httpx.AsyncClient, owner: Owner, version: dict[str, Any]
) -> None:
    path = version["resume"]
    await client.put(f"{path}/content", json={"work": [2]}, headers=owner)
    await client.post(f"{path}/versions", json={"name": "Second"}, headers=owner)
    await client.post(f"{version['path']}/restore", headers=owner)
    await client.put(f"{path}/content", json={"work": []}, headers=owner)
    await client.put(f"{path}/content", json={"work": [3]}, headers=owner)
    await client.post(
        "/api/v1/exports", json={"resumeId": version["resumeId"], "format": "pdf"}, headers=owner
    )

    async def numbers(**params: Any) -> list[int]:
        answer = await client.get(f"{path}/versions", params=params, headers=owner)
        assert answer.status_code == 200, answer.text
        return [found["number"] for found in answer.json()["items"]]

    assert await numbers() == [4, 3, 2, 1]
    assert await numbers(named="true") == [2]
    assert await numbers(named="false") == [4, 3, 1]
    assert await numbers(reason="restore") == [3]
    assert await numbers(reason="export") == [4]
    assert await numbers(reason="manual", named="false") == [1]
    wrong = await client.get(f"{path}/versions", params={"reason": "whim"}, headers=owner)
    assert wrong.status_code == 400


async def test_a_version_is_deleted(client: httpx.AsyncClient, owner: Owner, version: dict[str, Any]) -> None:
    assert (await client.delete(version["path"], headers=owner)).status_code == 204
    assert (await client.get(version["path"], headers=owner)).status_code == 404
    assert (await client.delete(version["path"], headers=owner)).status_code == 404


async def test_a_version_whose_export_can_be_downloaded_stays(
    client: httpx.AsyncClient, owner: Owner, version: dict[str, Any], database: Database
) -> None:
    export = await client.post(
        "/api/v1/exports", json={"versionId": version["id"], "format": "pdf"}, headers=owner
    )
    refused = await client.delete(version["path"], headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (409, "VERSION_NEEDED")
    assert (await client.get(export.headers["location"], headers=owner)).status_code == 200
    async with database.write() as db:
        old = update(Export).where(Export.version_id == UUID(version["id"]))
        await db.execute(old.values(created_at=now() - timedelta(days=31)))
    assert (await client.delete(version["path"], headers=owner)).status_code == 204


async def test_a_version_that_a_link_shows_stays_until_the_link_is_revoked(
    client: httpx.AsyncClient, owner: Owner, version: dict[str, Any], database: Database, owner_id: UUID
) -> None:
    share = Share(
        id=new_id(),
        resume_id=UUID(version["resumeId"]),
        owner_id=owner_id,
        version_id=UUID(version["id"]),
        key=b"k" * 32,
    )
    async with database.write() as db:
        db.add(share)
    refused = await client.delete(version["path"], headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (409, "VERSION_NEEDED")
    async with database.write() as db:
        await db.execute(update(Share).where(Share.id == share.id).values(revoked_at=now()))
    assert (await client.delete(version["path"], headers=owner)).status_code == 204


async def test_nobody_names_or_deletes_somebody_elses_version(
    client: httpx.AsyncClient, owner: Owner, version: dict[str, Any], issuer: Issuer
) -> None:
    other = issuer.headers("api")
    assert (await client.patch(version["path"], json={"name": "x"}, headers=other)).status_code == 404
    assert (await client.delete(version["path"], headers=other)).status_code == 404
    assert (await client.get(version["path"], headers=owner)).json()["name"] is None
