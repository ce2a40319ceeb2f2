"""What `basics.image` names becomes a picture that a page can hold, or its owner is told why not."""

import base64
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from processor_standins.api import Api

from common.blobs import Blobs
from common.contracts.versions import FrozenVersion, StoredPhoto
from common.testing.issuer import Issuer
from processor.documents.photos import LONGEST_SIDE, Photos, encode


def picture(
    size: tuple[int, int] = (1200, 900), format: str = "PNG", mode: str = "RGB", **info: Any
) -> bytes:
    made = BytesIO()
    Image.new(mode, size, (200, 30, 30, 0)[: len(mode)]).save(made, format, **info)
    return made.getvalue()


def version(image: str, photo: StoredPhoto | None = None) -> FrozenVersion:
    content = {"basics": {"name": "Ada", "image": image}}
    return FrozenVersion(id=uuid4(), sha256="", title="", language="en", content=content, photo=photo)


def data_uri(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


@pytest.fixture
def photos(blobs: Blobs) -> Any:
    """Without an api: nobody asks it here."""
    photos = Photos(blobs, None)  # type: ignore[arg-type]
    yield photos
    photos.close()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_a_picture_in_the_document_is_printed(photos: Photos, format: str) -> None:
    found = await photos.of_version(version(data_uri(picture(format=format), format.lower())))
    assert found.photo is not None
    assert found.warnings == []
    assert (found.photo.width, found.photo.height) == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)
    assert Image.open(BytesIO(found.photo.data)).format == "JPEG"


async def test_an_upload_is_read_from_the_storage(photos: Photos, blobs: Blobs) -> None:
    await blobs.ensure_bucket("resume-assets")
    key = f"users/{uuid4()}/images/photo.png"
    await blobs.put("resume-assets", key, picture((40, 40)), content_type="image/png")
    stored = StoredPhoto(bucket="resume-assets", key=key, width=40, height=40)
    found = await photos.of_version(version(f"asset:{uuid4()}", stored))
    assert found.photo is not None
    assert (found.photo.width, found.photo.height) == (40, 40)
    await blobs.delete("resume-assets", key)
    gone = StoredPhoto(bucket="resume-assets", key=key + ".gone", width=40, height=40)
    assert (await photos.of_version(version(f"asset:{uuid4()}", gone))).photo is None


@pytest.mark.parametrize(
    "image",
    [
        "https://example.org/me.png",
        "file:///etc/passwd",
        "data:text/html;base64,PGI+",
        "data:image/svg+xml;base64,PHN2Zy8+",
        data_uri(b"no picture"),
        data_uri(picture()[:200]),
        "data:image/png;base64,====",
        "asset:00000000-0000-7000-8000-000000000000",
        "\ud800",
    ],
)
async def test_what_cannot_be_printed_is_told_and_nothing_is_fetched(photos: Photos, image: str) -> None:
    found = await photos.of_version(version(image))
    assert found.photo is None
    assert [warning.code for warning in found.warnings] == ["photo_not_usable"]


async def test_no_photo_is_nothing_to_tell(photos: Photos) -> None:
    for content in ({}, {"basics": None}, {"basics": {"image": ""}}, {"basics": {"image": 7}}):
        plain = FrozenVersion(id=uuid4(), sha256="", title="", language="en", content=content)
        assert await photos.of_version(plain) == type(await photos.of_version(plain))()


def test_what_is_see_through_is_paper() -> None:
    photo = encode(picture(mode="RGBA"))
    assert photo is not None
    assert Image.open(BytesIO(photo.data)).getpixel((5, 5)) == (255, 255, 255)


def test_a_photo_is_turned_upright_and_loses_what_it_tells() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where I live"
    photo = encode(picture((120, 60), "JPEG", exif=exif))
    assert photo is not None
    assert (photo.width, photo.height) == (60, 120)
    assert b"where I live" not in photo.data


def test_the_same_picture_is_the_same_photo() -> None:
    data = picture()
    assert encode(data) == encode(data)


def test_a_picture_too_large_to_decode_is_none() -> None:
    assert encode(picture((6000, 5000), mode="L")) is None


async def test_a_preview_shows_an_upload_of_ones_own_and_of_nobody_else(
    client: httpx.AsyncClient, api: Api, blobs: Blobs, issuer: Issuer
) -> None:
    await blobs.ensure_bucket("resume-assets")
    user_id, asset_id = uuid4(), uuid4()
    key = f"users/{user_id}/images/{asset_id}.png"
    await blobs.put("resume-assets", key, picture((400, 400)), content_type="image/png")
    api.photos[asset_id, user_id] = StoredPhoto(bucket="resume-assets", key=key, width=400, height=400)
    content = {"basics": {"name": "Ada", "image": f"asset:{asset_id}"}}
    body = {"content": content, "template": "modern", "options": {"photo": "circle"}}
    for user, warnings in ((user_id, []), (uuid4(), ["photo_not_usable"])):
        headers = issuer.headers("processor", user_id=user)
        answer = await client.post("/render/v1/previews", json=body, headers=headers)
        assert [warning["code"] for warning in answer.json()["warnings"]] == warnings
