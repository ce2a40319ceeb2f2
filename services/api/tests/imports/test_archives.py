"""Our own archives come back through the same door."""

from typing import Any

import httpx
import pytest
from imports.conftest import PATH, Import

Owner = dict[str, str]
CONTENT = {"basics": {"name": "Ada"}, "work": [{"name": "Engine"}, {"name": "Loom"}]}


@pytest.fixture
async def archive(client: httpx.AsyncClient, owner: Owner, make_resume: Any) -> bytes:
    path = await make_resume(title="For the museum", language="en-GB", content=CONTENT)
    kept = await client.post(f"{path}/versions", json={"name": "As sent"}, headers=owner)
    assert kept.status_code == 201, kept.text
    return (await client.get(f"{path}/archive", headers=owner)).content


async def test_an_archive_becomes_a_resume_with_its_versions(
    client: httpx.AsyncClient, owner: Owner, import_file: Import, archive: bytes
) -> None:
    made = await import_file(archive)
    assert (made["format"], made["warnings"]) == ("resumax", [])
    assert (made["resume"]["title"], made["resume"]["language"]) == ("For the museum", "en-GB")
    path = f"/api/v1/resumes/{made['resume']['id']}"
    assert (await client.get(f"{path}/content", headers=owner)).json() == CONTENT
    versions = (await client.get(f"{path}/versions", headers=owner)).json()["items"]
    assert [version["name"] for version in versions] == ["As sent"]


async def test_what_is_said_beside_an_archive_wins(import_file: Import, archive: bytes) -> None:
    made = (await import_file(archive, format="resumax", title="Mine", language="fr"))["resume"]
    assert (made["title"], made["language"]) == ("Mine", "fr")


async def test_an_archive_can_be_looked_at_first(
    client: httpx.AsyncClient, owner: Owner, archive: bytes
) -> None:
    answer = await client.post(f"{PATH}?dryRun=true", files={"file": ("a", archive)}, headers=owner)
    assert answer.status_code == 200, answer.text
    assert answer.json()["content"] == CONTENT
    assert answer.json()["title"] == "For the museum"
    assert len((await client.get("/api/v1/resumes", headers=owner)).json()["items"]) == 1


async def test_an_archive_that_was_tampered_with_is_refused(
    client: httpx.AsyncClient, owner: Owner, archive: bytes
) -> None:
    file = archive.replace(b"Loom", b"Boom")
    answer = await client.post(PATH, files={"file": ("a", file)}, headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (422, "ARCHIVE_INVALID")
