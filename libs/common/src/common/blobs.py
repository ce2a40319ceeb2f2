"""Files in S3: put, get, copy, presign. The `minio` client blocks, so its calls run in a few threads of their own."""

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar
from urllib.parse import quote, urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from common.settings import SharedSettings

T = TypeVar("T")

PRESIGNED_FOR = timedelta(minutes=15)
_THREADS = 8


class BlobMissing(Exception):
    """There is no object under that key."""


class BlobsUnavailable(Exception):
    """The storage cannot be reached, broke off, or is in trouble itself: worth another try later."""


class Blobs:
    """The object storage of the platform. Everything but `download_url` may raise BlobsUnavailable."""

    def __init__(self, settings: SharedSettings) -> None:
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

    async def get(self, bucket: str, key: str) -> bytes:
        """The whole object. Raises BlobMissing."""

        def get() -> bytes:
            response = self._client.get_object(bucket, key)
            try:
                return bytes(response.read())
            finally:
                response.close()
                response.release_conn()

        return await self._run(get)

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
