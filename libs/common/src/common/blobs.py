"""Files in S3: put, get, copy, list, presign. The `minio` client blocks, so its calls run in a few threads of their own."""

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar
from urllib.parse import quote, urlsplit

import msgspec
import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from common import presigning
from common.ids import now
from common.settings import SharedSettings

T = TypeVar("T")

PRESIGNED_FOR = timedelta(minutes=15)
_THREADS = 8


class BlobMissing(Exception):
    """There is no object under that key."""


class BlobsUnavailable(Exception):
    """The storage cannot be reached, broke off, or is in trouble itself: worth another try later."""


class BlobTooLarge(Exception):
    """The object has more bytes than the caller takes."""


class Blob(msgspec.Struct, frozen=True):
    """What the storage knows of an object; `size` in bytes."""

    key: str
    size: int
    modified_at: datetime
    content_type: str | None = None


class Upload(msgspec.Struct, frozen=True):
    """A request that stores one object of just the size and type that were signed, until `expires_at`.

    `headers` must be sent as they are; clients add `Content-Length` themselves.
    """

    method: str
    url: str
    headers: dict[str, str]
    expires_at: datetime


class Blobs:
    """The object storage of the platform. Everything but the two that presign may raise BlobsUnavailable."""

    def __init__(self, settings: SharedSettings) -> None:
        self._presigner = presigning.Presigner(settings)
        self._http = urllib3.PoolManager(
            maxsize=_THREADS,
            timeout=urllib3.Timeout(connect=2, read=10),
            retries=urllib3.Retry(total=2, backoff_factor=0.1, status_forcelist=[500, 502, 503, 504]),
        )
        self._client = self._connect(settings, settings.s3_endpoint)
        # Presigning is arithmetic: this one never connects, it only signs for the address that browsers use.
        self._browser = self._connect(settings, settings.s3_browser_url)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3")

    def _connect(self, settings: SharedSettings, endpoint: str) -> Minio:
        address = urlsplit(endpoint)
        return Minio(
            address.netloc,
            access_key=settings.s3_access_key.reveal(),
            secret_key=settings.s3_secret_key.reveal(),
            secure=address.scheme == "https",
            region=settings.s3_region,
            http_client=self._http,
        )

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._http.clear()

    async def ensure_bucket(self, bucket: str) -> None:
        def ensure() -> None:
            if not self._client.bucket_exists(bucket):
                try:
                    self._client.make_bucket(bucket)
                except S3Error as error:
                    if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                        raise

        await self._run(ensure)

    async def put(self, bucket: str, key: str, data: bytes, *, content_type: str) -> None:
        """Store `data`; when this returns the object is there whole. Raises BlobMissing if the bucket is not there."""
        await self._run(
            lambda: self._client.put_object(
                bucket, key, io.BytesIO(data), len(data), content_type=content_type
            )
        )

    async def get(self, bucket: str, key: str, *, most: int | None = None) -> bytes:
        """The whole object. Raises BlobMissing; BlobTooLarge if it has more than `most` bytes, after reading no more."""

        def get() -> bytes:
            response = self._client.get_object(bucket, key)
            try:
                data = bytes(response.read(None if most is None else most + 1))
            finally:
                response.close()
                response.release_conn()
            if most is not None and len(data) > most:
                raise BlobTooLarge(key)
            return data

        return await self._run(get)

    async def stat(self, bucket: str, key: str) -> Blob:
        """Size, type and age of an object. Raises BlobMissing."""
        found = await self._run(lambda: self._client.stat_object(bucket, key))
        return Blob(key, found.size or 0, found.last_modified or now(), found.content_type)

    async def delete(self, bucket: str, key: str) -> None:
        """Delete an object; one that is not there is deleted already."""
        try:
            await self._run(lambda: self._client.remove_object(bucket, key))
        except BlobMissing:
            return

    async def find(self, bucket: str, prefix: str, *, after: str = "", limit: int = 1000) -> list[Blob]:
        """At most `limit` objects whose keys begin with `prefix`, in the order of their keys, from past `after` on."""

        def found() -> list[Blob]:
            objects = self._client.list_objects(
                bucket, prefix=prefix, recursive=True, start_after=after or None
            )
            return [
                Blob(o.object_name, o.size or 0, o.last_modified or now()) for o in islice(objects, limit)
            ]

        return await self._run(found)

    async def copy(self, bucket: str, source: str, target: str) -> None:
        """Copy an object within a bucket, on the server. Raises BlobMissing if `source` is gone."""
        await self._run(lambda: self._client.copy_object(bucket, target, CopySource(bucket, source)))

    async def check(self) -> None:
        """Raise if the storage does not answer."""
        await asyncio.wait_for(self._run(lambda: self._client.bucket_exists("resume-exports")), 2)

    def download_url(self, bucket: str, key: str, *, file_name: str) -> str:
        """A URL that gives the object to whoever holds it, as an attachment, for 15 minutes."""
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in file_name)
        disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
        return str(
            self._browser.presigned_get_object(
                bucket,
                key,
                expires=PRESIGNED_FOR,
                response_headers={"response-content-disposition": disposition},
            )
        )

    def upload(self, bucket: str, key: str, *, size: int, content_type: str) -> Upload:
        """An upload of one object for 15 minutes: the storage refuses another size or type (SECURITY 24)."""
        headers = {"Content-Type": content_type}
        url = self._presigner.put(
            bucket,
            key,
            headers=headers | {"Content-Length": str(size)},
            seconds=int(PRESIGNED_FOR.total_seconds()),
        )
        return Upload("PUT", url, headers, now() + PRESIGNED_FOR)

    async def _run(self, action: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, action)
        except S3Error as error:
            if error.code in {"NoSuchKey", "NoSuchBucket"}:
                raise BlobMissing(error.code) from error
            if error.response.status >= 500:
                raise BlobsUnavailable(error.code) from error
            raise
        except (MinioException, HTTPError, OSError) as error:
            raise BlobsUnavailable(type(error).__name__) from error
