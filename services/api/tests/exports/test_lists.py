"""Exports are found by resume and state, and deleted with their files."""

from typing import Any

import httpx
import pytest

from api.settings import Settings
from common.blobs import Blobs
from common.testing.fixtures import eventually

PATH = "/api/v1/exports"


async def listed(client: httpx.AsyncClient, owner: dict[str, str], **params: Any) -> list[str]:
    answer = await client.get(PATH, params=params, headers=owner)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_exports_are_listed_by_resume_and_state(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, processor: Any
) -> None:
    first, second = [await make_export() for _ in range(2)]
    await processor.tell(first["jobId"], 1, "failed", error="The template is broken.")
    failed, queued = first["exportId"], second["exportId"]

    async def has_failed() -> bool:
        return await listed(client, owner, status="failed") == [failed]

    await eventually(has_failed)
    assert await listed(client, owner) == [queued, failed]
    assert await listed(client, owner, status="queued") == [queued]
    assert await listed(client, owner, status="succeeded") == []
    text = (await make_export(format="txt"))["exportId"]
    assert await listed(client, owner, format="txt") == [text]
    assert await listed(client, owner, format="pdf") == [queued, failed]
    resume = (await client.get(f"{PATH}/{failed}", headers=owner)).json()["resumeId"]
    assert await listed(client, owner, resumeId=resume) == [failed]
    assert await listed(client, owner, resumeId=resume, status="queued") == []


@pytest.mark.parametrize("params", [{"status": "lost"}, {"resumeId": "x"}, {"format": "odt"}])
async def test_a_filter_that_cannot_be_is_refused(
    client: httpx.AsyncClient, owner: dict[str, str], params: dict[str, str]
) -> None:
    answer = await client.get(PATH, params=params, headers=owner)
    assert answer.status_code == 400
    assert answer.json()["code"] == "VALIDATION_FAILED"


async def test_a_finished_export_is_deleted_with_its_file(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, processor: Any, settings: Settings
) -> None:
    export = await make_export()
    blobs, key = Blobs(settings), f"pdfs/{export['jobId']}/ada.pdf"
    await blobs.ensure_bucket("resume-exports")
    await blobs.put("resume-exports", key, b"%PDF-", content_type="application/pdf")
    path = f"{PATH}/{export['exportId']}"
    early = await client.delete(path, headers=owner)
    assert (early.status_code, early.json()["code"]) == (409, "EXPORT_UNFINISHED")
    await processor.succeed(export["jobId"], 1)

    async def is_deleted() -> bool:
        return (await client.delete(path, headers=owner)).status_code == 204

    await eventually(is_deleted)
    for answer in (await client.get(path, headers=owner), await client.delete(path, headers=owner)):
        assert answer.status_code == 404
    assert await listed(client, owner) == []

    async def is_gone() -> bool:
        return await blobs.find("resume-exports", key) == []

    await eventually(is_gone)
    await blobs.close()
    job = await client.get(f"/api/v1/jobs/{export['jobId']}", headers=owner)
    assert job.json()["state"] == "succeeded"
