"""Photos of people: what `basics.image` names, as a picture that a page can hold.

An upload of the owner's (`asset:{id}`) is read from the object storage, a picture that is in the document itself (a `data:`
address) from there. Nothing is fetched from the web. Whatever it was comes out as a small JPEG without metadata, and those
that were asked for last are kept, because an editor shows the same one after every pause in typing.
"""

import asyncio
import base64
import binascii
import hashlib
import re
import warnings
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec
from PIL import Image, ImageOps

from common.blobs import BlobMissing, Blobs, BlobTooLarge
from common.contracts.documents import RenderWarning
from common.contracts.versions import FrozenVersion, StoredPhoto
from common.http import ServiceClient, ServiceRefused
from processor.rendering.documents import Photo

SCHEME = "asset:"
LONGEST_SIDE = 700
"""Pixels: 45 mm, the widest that a template prints, at nearly 400 to the inch."""
MOST_BYTES = 4 << 20
MOST_PIXELS = 25_000_000
KEPT_BYTES = 16 << 20
_DATA = re.compile(r"data:image/(?:png|jpe?g|webp|gif);base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_QUALITY = 88


class Found(msgspec.Struct, frozen=True):
    """The photo, if there is one that can be printed; what its owner should know if there is not."""

    photo: Photo | None = None
    warnings: list[RenderWarning] = []


NONE = Found()


class Photos:
    """Finds photos. Its methods raise BlobsUnavailable or ServiceUnavailable while what they need is away."""

    def __init__(self, blobs: Blobs, api: ServiceClient) -> None:
        self._blobs, self._api = blobs, api
        self._kept: OrderedDict[str, Photo] = OrderedDict()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="photo")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def of_version(self, version: FrozenVersion) -> Found:
        image = _image(version.content)
        if image.startswith(SCHEME):
            return await self._stored(version.photo)
        return await self._embedded(image)

    async def of_user(self, content: Mapping[str, Any], user_id: UUID) -> Found:
        """The photo of a document that a user sends: of uploads, their own alone."""
        image = _image(content)
        if image.startswith(SCHEME):
            return await self._stored(await self._look_up(image.removeprefix(SCHEME), user_id))
        return await self._embedded(image)

    async def _look_up(self, asset_id: str, user_id: UUID) -> StoredPhoto | None:
        try:
            path = f"/internal/assets/{UUID(asset_id)}/photo"
            return await self._api.get(path, StoredPhoto, ownerId=str(user_id))
        except (ValueError, ServiceRefused):
            return None

    async def _stored(self, stored: StoredPhoto | None) -> Found:
        if stored is None:
            return _unusable("The upload that the resume names as its photo is not there any more.")
        name = f"{stored.bucket}/{stored.key}"
        if (kept := self._known(name)) is not None:
            return Found(kept)
        try:
            data = await self._blobs.get(stored.bucket, stored.key, most=MOST_BYTES)
        except (BlobMissing, BlobTooLarge):
            return _unusable("The upload that the resume names as its photo is not there any more.")
        return await self._encoded(name, data)

    async def _embedded(self, image: str) -> Found:
        if not image:
            return NONE
        if not image.lower().startswith("data:"):
            return _unusable("The photo is an address on the web, which is not fetched: upload the picture.")
        name = hashlib.sha256(image.encode("utf-8", "surrogatepass")).hexdigest()
        if (kept := self._known(name)) is not None:
            return Found(kept)
        match = _DATA.fullmatch(image)
        try:
            data = base64.b64decode(match[1], validate=False) if match else b""
        except binascii.Error:
            data = b""
        return await self._encoded(name, data)

    async def _encoded(self, name: str, data: bytes) -> Found:
        loop = asyncio.get_running_loop()
        photo = await loop.run_in_executor(self._threads, encode, data)
        if photo is None:
            return _unusable("The photo is no picture that can be read: use a PNG, JPEG, WebP or GIF.")
        self._kept[name] = photo
        while sum(len(kept.data) for kept in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)
        return Found(photo)

    def _known(self, name: str) -> Photo | None:
        if name in self._kept:
            self._kept.move_to_end(name)
        return self._kept.get(name)


def encode(data: bytes) -> Photo | None:
    """The picture upright, small and on white, as a JPEG; None if it is none. Blocks."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(BytesIO(data), formats=_FORMATS)
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    page = Image.new("RGB", upright.size, "white")
    page.paste(upright, mask=upright.getchannel("A"))
    made = BytesIO()
    page.save(made, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
    return Photo(made.getvalue(), *page.size)


def _image(content: Mapping[str, Any]) -> str:
    basics = content.get("basics")
    image = basics.get("image") or basics.get("picture") if isinstance(basics, Mapping) else None
    return image.strip() if isinstance(image, str) else ""


def _unusable(message: str) -> Found:
    return Found(warnings=[RenderWarning(code="photo_not_usable", message=message)])
