"""Pictures made for the tests, honest and hostile."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

GPS_MARK = b"Secret Place 1842"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def quarters(width: int = 40, height: int = 20) -> Image.Image:
    """Red and green above, blue and white below: what was turned or cropped can be told."""
    image = Image.new("RGB", (width, height))
    for n, colour in enumerate(((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))):
        image.paste(colour, (n % 2 * width // 2, n // 2 * height // 2, width, height))
    return image


def with_metadata(image: Image.Image, *, orientation: int = 1) -> bytes:
    """A JPEG with where it was taken, who by, and a comment."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = GPS_MARK.decode()
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 26.0), 29: GPS_MARK.decode()}
    return encoded(image, "JPEG", exif=exif, comment=GPS_MARK, quality=95)


def png_of(width: int, height: int, *, body: bytes = b"") -> bytes:
    """A PNG whose head says so; `body` is what its pixels are compressed from."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(body, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")


def gif_that_grows() -> bytes:
    """A GIF of one pixel whose frame is 60,000 by 60,000."""
    small = bytearray(encoded(Image.new("P", (1, 1)), "GIF"))
    frame = small.index(b"\x2c", 13)
    small[frame + 5 : frame + 9] = struct.pack("<HH", 60_000, 60_000)
    return bytes(small)
