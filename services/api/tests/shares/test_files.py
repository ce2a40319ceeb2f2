"""The PDF and the picture of a link: made once for what it shows, by the processor."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest_asyncio
from sqlalchemy import select

from api.exports.models import Export
from api.settings import Settings
from api.shares.pictures import NEUTRAL
from common.blobs import Blobs
from common.contracts.versions import FrozenVersion
from common.db import Database
from common.testing.fixtures import eventually
from common.testing.issuer import Issuer

Owner = dict[str, str]


@pytest_asyncio.fixture
async def blobs(settings: Settings) -> AsyncIterator[Blobs]:
    """The storage of the service."""
    blobs = Blobs(settings)
    await blobs.ensure_bucket("resume-exports")
    yield blobs
    await blobs.close()


async def exports_of(database: Database, share: Any, format: str) -> list[Export]:
    async with database.read() as db:
        wanted = select(Export).where(Export.resume_id == UUID(share["resumeId"]), Export.format == format)
        return list(await db.scalars(wanted.order_by(Export.id)))


async def test_a_pdf_is_asked_for_once_and_then_given(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, opened: Any, database: Database, processor: Any
) -> None:
    share = await make_share(allowDownload=True)
    path = f"/r/{share['slug']}/resume.pdf"
    waiting = await asyncio.gather(*(client.get(path) for _ in range(20)))
    assert {answer.status_code for answer in waiting} == {202}
    assert '<meta http-equiv="refresh" content="3">' in waiting[0].text
    assert f'href="{path}"' in waiting[0].text
    (export,) = await exports_of(database, share, "pdf")
    assert export.file_name == "Ada Lovelace.pdf"
    versions = (await client.get(f"/api/v1/resumes/{share['resumeId']}/versions", headers=owner)).json()[
        "items"
    ]
    assert [version["reason"] for version in versions] == ["share"]
    await processor.succeed(str(export.job_id), 1)

    async def ready() -> httpx.Response | None:
        answer = await opened(share, "/resume.pdf")
        return answer if answer.status_code == 303 else None

    given: httpx.Response = await eventually(ready)
    assert "X-Amz-Signature" in given.headers["location"]
    assert "Ada%20Lovelace.pdf" in given.headers["location"]
    assert len(await exports_of(database, share, "pdf")) == 1
    resume = f"/api/v1/resumes/{share['resumeId']}"
    await client.put(f"{resume}/content", json={"basics": {"name": "Grace"}}, headers=owner)
    for _ in range(3):
        assert (await opened(share, "/resume.pdf")).status_code == 202
    assert [export.file_name for export in await exports_of(database, share, "pdf")] == [
        "Ada Lovelace.pdf",
        "Grace.pdf",
    ]

    async def downloads() -> int:
        answer = await client.get(f"/api/v1/shares/{share['id']}/statistics", headers=owner)
        return int(answer.json()["totals"]["downloads"])

    assert await eventually(downloads) == 1


async def test_a_pdf_that_failed_is_not_tried_by_each_visitor(
    make_share: Any, opened: Any, database: Database, processor: Any, client: httpx.AsyncClient, owner: Owner
) -> None:
    share = await make_share(allowDownload=True)
    await opened(share, "/resume.pdf")
    (export,) = await exports_of(database, share, "pdf")
    await processor.tell(str(export.job_id), 1, "failed", error="No such font.")

    async def failed() -> bool:
        job = await client.get(f"/api/v1/jobs/{export.job_id}", headers=owner)
        return bool(job.json()["state"] == "failed")

    await eventually(failed)
    for _ in range(3):
        assert (await opened(share, "/resume.pdf")).status_code == 202
    assert len(await exports_of(database, share, "pdf")) == 1


async def test_the_file_is_for_those_who_may_have_it(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, opened: Any, database: Database
) -> None:
    closed = await make_share()
    assert (await opened(closed, "/resume.pdf")).status_code == 404
    assert "resume.pdf" not in (await opened(closed)).text
    assert await exports_of(database, closed, "pdf") == []
    # Of a link that may be opened once, whoever opened it has the file too, for a while, and nobody else.
    once = await make_share(allowDownload=True, maxViews=1)
    assert (await opened(once, "/resume.pdf")).status_code == 404
    page = (await opened(once)).text
    address = page.partition(f'href="/r/{once["slug"]}')[2].partition('"')[0]
    assert address.startswith("/resume.pdf?pass=rmxs_")
    assert (await opened(once, address)).status_code == 202
    assert (await opened(once, "/resume.pdf?pass=rmxs_x")).status_code == 404
    assert (await opened(once)).status_code == 404
    await client.patch(f"/api/v1/shares/{once['id']}", json={"label": "x"}, headers=owner)
    assert (await opened(once, address)).status_code == 404


async def test_the_processor_is_not_given_what_the_link_hides(
    client: httpx.AsyncClient, issuer: Issuer, make_share: Any, make_resume: Any, owner: Owner, opened: Any,
    database: Database,
) -> None:  # fmt: skip
    content = {
        "basics": {
            "name": "Ada",
            "email": "ada@secret.example",
            "location": {"address": "Secret 1", "city": "L"},
        }
    }
    path = await make_resume(content=content)
    version = (await client.post(f"{path}/versions", json={}, headers=owner)).json()["id"]
    for fields in ({}, {"versionId": version}):
        share = await make_share(path, allowDownload=True, showContact=False, **fields)
        assert (await opened(share, "/resume.pdf")).status_code == 202
        export = (await exports_of(database, share, "pdf"))[-1]
        answer = await client.get(
            f"/internal/versions/{export.version_id}",
            headers=issuer.service_headers("api", client_id="processor"),
        )
        frozen = msgspec.json.decode(answer.content, type=FrozenVersion)
        assert frozen.content == {"basics": {"name": "Ada", "location": {"city": "L"}}}


async def test_the_picture_is_neutral_until_the_processor_has_drawn_it(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, opened: Any, database: Database, processor: Any,
    blobs: Blobs,
) -> None:  # fmt: skip
    share = await make_share()
    path = f"/r/{share['slug']}/og.png"
    # It is asked for with the link, so that it is there when somebody is sent that.
    (export,) = await exports_of(database, share, "og-image")
    for _ in range(2):
        waiting = await client.get(path)
        assert (waiting.status_code, waiting.headers["content-type"]) == (200, "image/png")
        assert waiting.content == NEUTRAL.content
        assert waiting.headers["cache-control"] == "no-store"
        assert await shown_picture(opened, share) == share["url"] + "/og.png"
    assert [found.id for found in await exports_of(database, share, "og-image")] == [export.id]
    key = f"pdfs/{export.job_id}/ada.pdf"
    await blobs.put("resume-exports", key, b"\x89PNG drawn", content_type="image/png")
    await processor.succeed(str(export.job_id), 1)

    async def drawn() -> bool:
        return bool((await client.get(path)).content == b"\x89PNG drawn")

    await eventually(drawn)
    assert (await client.get(path)).headers["cache-control"] == "public, max-age=60"
    address = await shown_picture(opened, share)
    assert address.startswith(share["url"] + "/og.png?v=")
    picture = await client.get(address.removeprefix(share["url"].partition("/r/")[0]))
    assert (picture.content, picture.headers["cache-control"]) == (
        b"\x89PNG drawn",
        "public, max-age=86400",
    )
    # What does not show in the picture makes no new one.
    resume = f"/api/v1/resumes/{share['resumeId']}"
    named = {"basics": {"name": "Ada Lovelace", "label": "Analyst"}, "work": [{"name": "New"}]}
    await client.put(f"{resume}/content", json=named, headers=owner)
    assert (await client.get(path)).content == b"\x89PNG drawn"
    await client.put(f"{resume}/content", json={"basics": {"name": "Grace"}}, headers=owner)
    assert (await client.get(path)).content == NEUTRAL.content
    assert len(await exports_of(database, share, "og-image")) == 2
    assert await shown_picture(opened, share) == share["url"] + "/og.png"


async def shown_picture(opened: Any, share: Any) -> str:
    """What a page tells messengers to show."""
    return str((await opened(share)).text.partition('property="og:image" content="')[2].partition('"')[0])


async def test_a_picture_is_asked_for_as_soon_as_a_link_may_show_it(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, make_resume: Any, database: Database
) -> None:
    path = await make_resume(content={"basics": {"name": "Ada"}})
    share = await make_share(path, password="between you and me")

    async def change(**fields: Any) -> int:
        answer = await client.patch(f"/api/v1/shares/{share['id']}", json=fields, headers=owner)
        assert answer.status_code == 200, answer.text
        return len(await exports_of(database, share, "og-image"))

    assert await change(label="For Acme") == 0
    assert await change(password=None, maxViews=3) == 0
    assert await change(maxViews=None) == 1
    assert await change(allowDownload=True) == 1, "what the picture shows is the same"


async def test_a_picture_tells_nothing_of_a_link_that_is_not_for_everybody(
    client: httpx.AsyncClient, make_share: Any, opened: Any, database: Database
) -> None:
    for fields in ({"password": "between you and me"}, {"maxViews": 2}):
        share = await make_share(**fields)
        assert (await opened(share, "/og.png")).content == NEUTRAL.content
        assert await exports_of(database, share, "og-image") == []
    assert NEUTRAL.content[:8] == b"\x89PNG\r\n\x1a\n"
