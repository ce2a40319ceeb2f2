"""Pictures are never kept as they came: they are decoded with a cap, cropped, scaled, and encoded anew without metadata.

Whatever else was in the file (places where a photo was taken, a script after its end) stays behind. Colours become sRGB,
because the profile that they were meant by stays behind too.
"""

import threading
import warnings
from io import BytesIO
from typing import Any

import msgspec
from PIL import Image, ImageCms

from api.assets.problems import CropOutOfBounds, FileBroken, ImageTooLarge, NotWhatItSays

MOST_PIXELS = 50_000_000
MOST_FOR_MANY = 12_000_000
"""Larger ones take hundreds of megabytes while they are decoded, so there is one of them at a time."""
SIZES = {"large": 1600, "medium": 512, "small": 160}
"""The longest side of each picture that is made, in pixels; smaller ones are not enlarged."""

_FORMATS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "WEBP": "image/webp",
    "GIF": "image/gif",
}
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TURNED = frozenset({5, 6, 7, 8})
_LARGEST_PROFILE = 1 << 20
_large = threading.Lock()

# Pillow itself warns of what is too large before we have seen its size: that is an end to it, too.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class Crop(msgspec.Struct, frozen=True):
    """A part of the upright picture, in its pixels."""

    x: int
    y: int
    width: int
    height: int


class Picture(msgspec.Struct, frozen=True):
    name: str
    width: int
    height: int
    content_type: str
    data: bytes


def render(data: bytes, content_type: str, crop: Crop | None) -> list[Picture]:
    """The picture in each size, the largest first; sizes that are the same share their `data`. Blocks.

    Raises NotWhatItSays, ImageTooLarge, FileBroken, CropOutOfBounds.
    """
    image = _open(data, content_type)
    if image.width * image.height > MOST_FOR_MANY:
        with _large:
            largest = _upright(image, crop)
    else:
        largest = _upright(image, crop)
    made: list[Picture] = []
    for name, longest in SIZES.items():
        size = _fit(largest.size, longest)
        if made and size == (made[-1].width, made[-1].height):
            made.append(msgspec.structs.replace(made[-1], name=name))
        else:
            made.append(_encode(name, largest.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)))
    return made


def _open(data: bytes, content_type: str) -> Image.Image:
    """The picture, of which nothing but its head was read yet."""
    try:
        image = Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge(_too_large()) from error
    except Exception as error:
        raise NotWhatItSays("It is no picture of a type that is taken.") from error
    if _FORMATS.get(image.format or "") != content_type:
        raise NotWhatItSays(f"It is a {image.format} file.")
    if image.width * image.height > MOST_PIXELS:
        raise ImageTooLarge(_too_large())
    return image


def _too_large() -> str:
    return f"At most {MOST_PIXELS // 1_000_000} million pixels are taken."


def _upright(image: Image.Image, crop: Crop | None) -> Image.Image:
    """The first frame as RGB or RGBA, cropped, upright, no larger than the largest size."""
    try:
        image.load()
        orientation = _orientation(image)
        box = _box(image.size, orientation, crop)
        size = _fit((box[2] - box[0], box[3] - box[1]), max(SIZES.values()))
        profile = image.info.get("icc_profile")
        scaled = _scalable(image).resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
        if orientation in _UPRIGHT:
            scaled = scaled.transpose(_UPRIGHT[orientation])
        return _in_srgb(scaled, profile)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge(_too_large()) from error
    except CropOutOfBounds:
        raise
    except Exception as error:
        # Decoders raise whatever comes to them: OSError, SyntaxError, ValueError, struct.error, zlib.error …
        raise FileBroken from error


def _orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 (metadata that cannot be read says nothing)
        return 1
    return found if found in _UPRIGHT else 1


def _box(size: tuple[int, int], orientation: int, crop: Crop | None) -> tuple[int, int, int, int]:
    """What `crop` of the upright picture is in the picture as it is stored: left, top, right, bottom."""
    width, height = size
    if crop is None:
        return 0, 0, width, height
    seen_width, seen_height = (height, width) if orientation in _TURNED else size
    if crop.x + crop.width > seen_width or crop.y + crop.height > seen_height:
        raise CropOutOfBounds(f"The upright picture has {seen_width} by {seen_height} pixels.")
    x, y, w, h = crop.x, crop.y, crop.width, crop.height
    if orientation in _TURNED:
        x, y, w, h = y, x, h, w
    if orientation in {2, 3, 7, 8}:
        x = width - x - w
    if orientation in {3, 4, 6, 7}:
        y = height - y - h
    return x, y, x + w, y + h


def _scalable(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be scaled well: not one of palettes, single bits or sixteen of them."""
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode.startswith("I"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image if image.mode in {"RGB", "L", "CMYK"} else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: Any) -> Image.Image:
    wanted = "RGBA" if image.mode == "RGBA" else "RGB"
    if isinstance(profile, bytes) and 0 < len(profile) <= _LARGEST_PROFILE:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode=wanted,
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return image.convert(wanted)


def _fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """`size`, made smaller until its longer side is at most `longest`."""
    factor = min(1.0, longest / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _encode(name: str, image: Image.Image) -> Picture:
    """PNG if something shines through, else JPEG; of pixels alone, so that no metadata can come along."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    bare = Image.frombytes(image.mode, image.size, image.tobytes())
    out = BytesIO()
    if bare.mode == "RGBA":
        bare.save(out, "PNG", optimize=True)
        return Picture(name, *bare.size, "image/png", out.getvalue())
    bare.save(out, "JPEG", quality=88, optimize=True, progressive=True)
    return Picture(name, *bare.size, "image/jpeg", out.getvalue())
