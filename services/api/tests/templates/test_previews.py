"""Pictures of templates, for everybody."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from publishing import publish

from common.blobs import Blobs
from common.settings import ServiceSettings
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.processes import S3

PICTURE = b"\x89PNG a picture"
PATH = "/api/v1/templates/pictured/previews"


@pytest_asyncio.fixture
async def pictured(
    catalogue: httpx.AsyncClient, settings_for: MakeSettings, issuer: Issuer, s3: S3
) -> AsyncIterator[httpx.AsyncClient]:
    blobs = Blobs(settings_for(ServiceSettings, "", database_url="none", s3_endpoint=s3.url))
    await blobs.ensure_bucket("resume-static")
    await blobs.put("resume-static", "templates/pictured/1/page-1.png", PICTURE, content_type="image/png")
    keys = [f"templates/pictured/1/page-{page}.png" for page in (1, 2)]
    await publish(catalogue, issuer, "pictured", 1, previews=keys)
    yield catalogue
    await blobs.close()


async def test_a_page_of_a_version_is_shown_to_everybody_and_may_be_kept_for_good(
    pictured: httpx.AsyncClient,
) -> None:
    for _ in range(2):
        answer = await pictured.get(f"{PATH}/1?version=1")
        assert (answer.status_code, answer.content) == (200, PICTURE)
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await pictured.get(f"{PATH}/1")).headers["cache-control"] == "public, max-age=300"


async def test_a_page_of_a_private_template_is_shown_to_its_owner_alone_and_kept_nowhere(
    pictured: httpx.AsyncClient, owner: dict[str, str], owner_id: UUID, issuer: Issuer
) -> None:
    keys = ["templates/pictured/1/page-1.png"]
    await publish(pictured, issuer, "secret", 1, previews=keys, ownerId=str(owner_id))
    path = "/api/v1/templates/secret/previews/1"
    for address in (path, f"{path}?version=1"):
        answer = await pictured.get(address, headers=owner)
        assert (answer.status_code, answer.content) == (200, PICTURE)
        assert answer.headers["cache-control"] == "private, no-store"
        for other in ({}, issuer.headers("api"), {"Authorization": "Bearer none"}):
            assert (await pictured.get(address, headers=other)).status_code == 404
    public = await pictured.get(f"{PATH}/1?version=1", headers={"Authorization": "Bearer none"})
    assert public.status_code == 200, "a token that is not good is as none"


async def test_a_page_that_is_not_there_is_not_found(pictured: httpx.AsyncClient) -> None:
    for missing in (f"{PATH}/0", f"{PATH}/3", f"{PATH}/1?version=2", f"{PATH}/2", f"{PATH}/x"):
        answer = await pictured.get(missing)
        assert answer.status_code == 404, missing
        assert answer.headers["cache-control"] == "no-store"


async def test_while_the_storage_is_away_pictures_are_too(lonely: Any, issuer: Issuer) -> None:
    client, _nats, _settings = lonely
    await publish(client, issuer, "away", 1, previews=["templates/away/1/page-1.png"])
    assert (await client.get("/api/v1/templates/away/previews/1")).status_code == 503
