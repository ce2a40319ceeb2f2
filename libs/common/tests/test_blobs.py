"""The object storage, on a real one."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from minio.error import S3Error

from common.blobs import BlobMissing, Blobs, BlobsUnavailable, BlobTooLarge
from common.ids import new_id
from common.settings import ServiceSettings
from common.testing.fixtures import MakeSettings
from common.testing.processes import S3

BUCKET = "blobs-tests"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def blobs(settings_for: MakeSettings, s3: S3) -> AsyncIterator[Blobs]:
    blobs = Blobs(settings_for(ServiceSettings, "", database_url="none", s3_endpoint=s3.url))
    await blobs.ensure_bucket(BUCKET)
    yield blobs
    await blobs.close()


@pytest.fixture
def key() -> str:
    return f"a folder/{new_id()} ä+.bin"


async def send(url: str, content: bytes, **headers: str) -> int:
    async with httpx.AsyncClient(trust_env=False) as http:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return (await http.put(url, content=content, headers=named)).status_code


async def test_an_upload_takes_the_size_and_type_that_were_signed_and_no_other(
    blobs: Blobs, key: str
) -> None:
    # SECURITY 24
    upload = blobs.upload(BUCKET, key, size=5, content_type="image/png")
    assert upload.method == "PUT"
    for content, kind in (
        (b"123456", "image/png"),
        (b"1234", "image/png"),
        (b"12345", "text/html"),
        (b"", ""),
    ):
        assert await send(upload.url, content, content_type=kind) == 403
    assert await send(upload.url.replace("bin?", "exe?"), b"12345", content_type="image/png") == 403
    with pytest.raises(BlobMissing):
        await blobs.stat(BUCKET, key)
    assert await send(upload.url, b"12345", **upload.headers) == 200
    stored = await blobs.stat(BUCKET, key)
    assert (stored.key, stored.size, stored.content_type) == (key, 5, "image/png")


async def test_an_upload_without_a_stated_length_is_refused(blobs: Blobs, key: str) -> None:
    upload = blobs.upload(BUCKET, key, size=5, content_type="image/png")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.put(upload.url, content=endless(), headers=upload.headers)
    assert answer.status_code >= 400
    with pytest.raises(BlobMissing):
        await blobs.stat(BUCKET, key)


async def test_no_more_is_read_than_was_asked_for(blobs: Blobs, key: str) -> None:
    await blobs.put(BUCKET, key, b"x" * 1000, content_type="text/plain")
    assert await blobs.get(BUCKET, key, most=1000) == b"x" * 1000
    with pytest.raises(BlobTooLarge):
        await blobs.get(BUCKET, key, most=999)


async def test_what_is_deleted_is_gone_and_can_be_deleted_again(blobs: Blobs, key: str) -> None:
    await blobs.put(BUCKET, key, b"x", content_type="text/plain")
    for _ in range(2):
        await blobs.delete(BUCKET, key)
    with pytest.raises(BlobMissing):
        await blobs.get(BUCKET, key)
    await blobs.delete("no-such-bucket", key)


async def test_objects_are_listed_in_pages(blobs: Blobs) -> None:
    folder = new_id().hex
    for name in "cab":
        await blobs.put(BUCKET, f"{folder}/{name}", name.encode(), content_type="text/plain")
    first = await blobs.find(BUCKET, f"{folder}/", limit=2)
    rest = await blobs.find(BUCKET, f"{folder}/", after=first[-1].key)
    assert [blob.key[-1] for blob in (*first, *rest)] == ["a", "b", "c"]
    assert first[0].size == 1
    assert await blobs.find(BUCKET, "nothing/") == []


async def test_a_storage_that_is_away_is_told_from_one_that_refuses(
    settings_for: MakeSettings, s3: S3
) -> None:
    away = Blobs(settings_for(ServiceSettings, "", database_url="none"))
    with pytest.raises(BlobsUnavailable):
        await away.stat(BUCKET, "x")
    await away.close()
    stranger = Blobs(
        settings_for(ServiceSettings, "", database_url="none", s3_endpoint=s3.url, s3_region="elsewhere-1")
    )
    with pytest.raises((S3Error, BlobMissing)):
        await stranger.get(BUCKET, "x")
    await stranger.close()
