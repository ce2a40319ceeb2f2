"""What a browser does with an upload, and what is left in the storage."""

from typing import Any

import httpx

from common.blobs import Blobs
from common.testing.fixtures import eventually


def announcement(data: bytes, **changes: Any) -> dict[str, Any]:
    file = {"kind": "image", "filename": "a photo.png", "contentType": "image/png", "size": len(data)}
    return file | changes


async def send(upload: dict[str, Any], data: bytes) -> int:
    """Upload as a browser does, straight to the storage."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.request(upload["method"], upload["url"], content=data, headers=upload["headers"])
        return answer.status_code


async def download(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(url)


async def keys(blobs: Blobs, owner_id: object) -> list[str]:
    return [blob.key for blob in await blobs.find("resume-assets", f"users/{owner_id}/")]


async def empties(blobs: Blobs, owner_id: object, wanted: int = 0) -> None:
    """Wait until `owner_id` has no more than `wanted` objects."""

    async def check() -> bool:
        return len(await keys(blobs, owner_id)) == wanted

    await eventually(check)
