"""Pictures as they come out of it: upright, cropped, scaled, bare."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import GPS_MARK, encoded, opened, quarters, with_metadata
from PIL import Image, ImageCms, ImageOps

from api.assets.images import Crop, render
from api.assets.problems import CropOutOfBounds


def test_each_size_is_made_and_none_is_enlarged() -> None:
    made = render(encoded(Image.new("RGB", (2000, 1000), "red"), "PNG"), "image/png", None)
    assert [(p.name, p.width, p.height) for p in made] == [
        ("large", 1600, 800),
        ("medium", 512, 256),
        ("small", 160, 80),
    ]
    for picture in made:
        assert opened(picture.data).size == (picture.width, picture.height)
    small = render(encoded(Image.new("RGB", (100, 50)), "PNG"), "image/png", None)
    assert {(p.width, p.height) for p in small} == {(100, 50)}
    assert small[0].data is small[1].data is small[2].data
    line = render(encoded(Image.new("L", (20_000, 1)), "PNG"), "image/png", None)
    assert [(p.width, p.height) for p in line] == [(1600, 1), (512, 1), (160, 1)]


def test_nothing_is_left_of_what_a_photo_tells_besides_its_pixels() -> None:
    """SECURITY 24: where it was taken, by whom, and what else stood in the file."""
    photo = with_metadata(quarters(400, 200)) + b"<script>alert(1)</script>"
    assert GPS_MARK in photo
    for picture in render(photo, "image/jpeg", None):
        assert GPS_MARK not in picture.data
        assert b"Exif" not in picture.data
        assert b"<script>" not in picture.data
        bare = opened(picture.data)
        assert not bare.getexif()
        assert not {"comment", "icc_profile", "exif", "xmp"} & set(bare.info)


def test_text_of_a_png_is_left_behind() -> None:
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("Comment", GPS_MARK.decode())
    text.add_itxt("XML:com.adobe.xmp", GPS_MARK.decode(), zip=False)
    png = encoded(Image.new("RGBA", (50, 50), (1, 2, 3, 4)), "PNG", pnginfo=text)
    assert GPS_MARK in png
    assert all(GPS_MARK not in picture.data for picture in render(png, "image/png", None))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_upright(orientation: int) -> None:
    photo = with_metadata(quarters(), orientation=orientation)
    upright = ImageOps.exif_transpose(opened(photo))
    made = opened(render(photo, "image/jpeg", None)[0].data)
    assert made.size == upright.size
    for x in (0.25, 0.75):
        for y in (0.25, 0.75):
            at = (int(made.width * x), int(made.height * y))
            difference = zip(_pixel(made, at), _pixel(upright, at), strict=True)
            assert all(abs(a - b) < 40 for a, b in difference), (orientation, at)


@given(st.integers(1, 8), st.integers(0, 29), st.integers(0, 19), st.integers(1, 30), st.integers(1, 20))
def test_a_crop_is_of_the_upright_picture(orientation: int, x: int, y: int, width: int, height: int) -> None:
    seen = (20, 30) if orientation >= 5 else (30, 20)
    noise = Image.effect_noise((30, 20), 100).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = orientation
    png = encoded(noise.convert("RGBA"), "PNG", exif=exif)
    crop = Crop(x, y, width, height)
    if x + width > seen[0] or y + height > seen[1]:
        with pytest.raises(CropOutOfBounds):
            render(png, "image/png", crop)
        return
    wanted = ImageOps.exif_transpose(opened(png)).crop((x, y, x + width, y + height))
    made = opened(render(png, "image/png", crop)[0].data)
    assert made.size == wanted.size
    centre = (made.width // 2, made.height // 2)
    assert all(abs(a - b) < 60 for a, b in zip(_pixel(made, centre), _pixel(wanted, centre), strict=False))


@pytest.mark.parametrize(
    ("image", "kind", "options", "made"),
    [
        (Image.new("RGBA", (20, 20), (10, 20, 30, 40)), "PNG", {}, "image/png"),
        (Image.new("RGBA", (20, 20), (10, 20, 30, 255)), "PNG", {}, "image/jpeg"),
        (Image.new("LA", (20, 20), (10, 20)), "PNG", {}, "image/png"),
        (Image.new("RGB", (20, 20), (10, 20, 30)), "PNG", {"transparency": (10, 20, 30)}, "image/png"),
        (Image.new("P", (20, 20)), "GIF", {}, "image/jpeg"),
        (Image.new("P", (20, 20)), "GIF", {"transparency": 0}, "image/png"),
        (Image.new("1", (20, 20)), "PNG", {}, "image/jpeg"),
        (Image.new("I;16", (20, 20), 65_535), "PNG", {}, "image/jpeg"),
        (Image.new("L", (20, 20)), "JPEG", {}, "image/jpeg"),
        (Image.new("CMYK", (20, 20)), "JPEG", {}, "image/jpeg"),
        (Image.new("RGBA", (20, 20), (10, 20, 30, 40)), "WEBP", {"lossless": True}, "image/png"),
    ],
)
def test_every_kind_of_picture_becomes_one_that_all_show(
    image: Image.Image, kind: str, options: Any, made: str
) -> None:
    picture = render(encoded(image, kind, **options), f"image/{kind.lower()}", None)[0]
    assert picture.content_type == made
    shown = opened(picture.data)
    assert shown.mode == ("RGBA" if made == "image/png" else "RGB")
    if image.mode == "I;16":
        assert min(_pixel(shown, (10, 10))) > 250
    if image.mode == "RGBA" and made == "image/png":
        assert _pixel(shown, (10, 10)) == (10, 20, 30, 40)


def test_of_an_animation_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "PNG", "WEBP"):
        moving = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        shown = opened(render(moving, f"image/{kind.lower()}", None)[0].data)
        assert getattr(shown, "n_frames", 1) == 1
        red, _, blue = _pixel(shown, (10, 10))[:3]
        assert red > 200 > 60 > blue


def test_colours_that_a_profile_explains_are_kept_without_it() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    image = Image.new("RGB", (20, 20), (200, 100, 50))
    odd = encoded(image, "PNG", icc_profile=profile.tobytes())  # a profile that does not fit says nothing
    assert _pixel(opened(render(odd, "image/png", None)[0].data), (5, 5))[0] > 180
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    same = opened(render(encoded(image, "PNG", icc_profile=srgb.tobytes()), "image/png", None)[0].data)
    assert "icc_profile" not in same.info
    assert abs(_pixel(same, (5, 5))[0] - 200) < 8


def _pixel(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    found = image.getpixel(at)
    assert isinstance(found, tuple)
    return found
