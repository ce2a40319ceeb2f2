"""A document names one of its owner's pictures, and the processor is told where that lies."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from pictures import encoded
from PIL import Image

from common.contracts.versions import FrozenVersion, StoredPhoto
from common.ids import new_id
from common.testing.issuer import Issuer

PNG = encoded(Image.new("RGB", (900, 600), "red"), "PNG")

Freeze = Callable[[dict[str, str], str], Awaitable[StoredPhoto | None]]


@pytest.fixture
def printed(stored: httpx.AsyncClient, services: dict[str, str]) -> Freeze:
    """What the processor is told of the photo of a resume whose `basics.image` is that."""

    async def freeze(user: dict[str, str], image: str) -> StoredPhoto | None:
        content = {"basics": {"name": "Ada", "image": image}}
        made = await stored.post("/api/v1/resumes", json={"title": "Ada", "content": content}, headers=user)
        version = (await stored.post(f"{made.headers['location']}/versions", headers=user)).json()
        answer = await stored.get(f"/internal/versions/{version['id']}", headers=services)
        return msgspec.json.decode(answer.content, type=FrozenVersion).photo

    return freeze


@pytest.fixture
def services(issuer: Issuer) -> dict[str, str]:
    return issuer.service_headers("api", client_id="processor")


async def test_the_photo_that_a_resume_names_is_told_with_where_it_lies(
    stored: httpx.AsyncClient,
    owner: dict[str, str],
    owner_id: UUID,
    services: dict[str, str],
    take: Any,
    printed: Freeze,
) -> None:
    asset = (await take(PNG)).json()["id"]
    photo = await printed(owner, f"asset:{asset}")
    assert photo is not None
    assert (photo.bucket, photo.width, photo.height) == ("resume-assets", 512, 341)
    path = f"/internal/assets/{asset}/photo"
    answer = await stored.get(path, params={"ownerId": str(owner_id)}, headers=services)
    assert msgspec.json.decode(answer.content, type=StoredPhoto) == photo


async def test_nobody_prints_a_photo_of_somebody_else(
    stored: httpx.AsyncClient, issuer: Issuer, services: dict[str, str], take: Any, printed: Freeze
) -> None:
    asset = (await take(PNG)).json()["id"]
    assert await printed(issuer.headers("api", user_id=new_id()), f"asset:{asset}") is None
    path = f"/internal/assets/{asset}/photo"
    answer = await stored.get(path, params={"ownerId": str(new_id())}, headers=services)
    assert answer.status_code == 404


@pytest.mark.parametrize("image", ["asset:", "asset:1", "https://example.org/me.png", f"asset:{new_id()}"])
async def test_what_names_no_upload_is_no_photo(owner: dict[str, str], printed: Freeze, image: str) -> None:
    assert await printed(owner, image) is None
