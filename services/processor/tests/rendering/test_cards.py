"""The picture of a shared resume: of the size that OpenGraph asks for, whoever it is of, and with nobody's photo."""

import io
from typing import Any

import pytest
from PIL import Image
from processor_standins.engine import Engine

from processor.outlines.cards import shortened
from processor.rendering import InvalidOption, Template, load_builtin

Box = tuple[int, int, int, int]
BACKGROUND_BAR = 18
"""Width in pixels of the bar in the template's colour."""


async def card(template: Template, engine: Engine, content: dict[str, Any], **changes: Any) -> Image.Image:
    values: dict[str, Any] = {"language": "en", "title": "A resume"} | changes
    options = values.pop("options", {})
    picture = await engine.card(template, content, options, **values)
    assert picture.startswith(b"\x89PNG")
    return Image.open(io.BytesIO(picture)).convert("RGB")


def dark(picture: Image.Image) -> Box | None:
    """The box around what is set in ink: the name."""
    mask = picture.convert("L").point(lambda value: 255 if value < 70 else 0)
    return mask.crop((BACKGROUND_BAR, 0, picture.width - BACKGROUND_BAR, picture.height)).getbbox()


@pytest.mark.parametrize(
    ("content", "language"),
    [
        ({"basics": {"name": "Ada Lovelace", "label": "Analyst"}}, "en"),
        ({"basics": {"name": "ليلى حداد", "label": "مهندسة برمجيات"}}, "ar"),
        ({"basics": {"name": "山田太郎", "label": "エンジニア"}}, "ja"),
        ({"basics": {"name": "Jürgen " + "von und zu " * 40, "label": "Head " * 200}}, "de"),
        ({"basics": {"name": "x" * 3000, "label": "y" * 3000}}, "en"),
        ({"basics": {"name": ["odd", 1], "label": {"a": None}}}, "en"),
        ({}, "xx"),
    ],
)
async def test_a_card_is_1200_by_630_and_its_name_stays_inside(
    template: Template, engine: Engine, content: dict[str, Any], language: str
) -> None:
    picture = await card(template, engine, content, language=language)
    assert picture.size == (1200, 630)
    box = dark(picture)
    assert box is not None
    left, top, right, bottom = box
    assert left > 40
    assert top > 40
    assert right < 1120
    assert bottom < 590


async def test_a_card_is_in_the_colour_of_its_template_on_the_side_where_reading_begins(
    template: Template, engine: Engine
) -> None:
    options, content = {"accent": "#204080"}, {"basics": {"name": "Ada"}}
    from_left = await card(template, engine, content, options=options)
    from_right = await card(template, engine, content, options=options, language="he")
    accent = (0x20, 0x40, 0x80)
    assert (from_left.getpixel((5, 300)), from_right.getpixel((1194, 300))) == (accent, accent)
    assert from_left.getpixel((1194, 5)) != accent


async def test_a_card_shows_name_and_headline_and_no_photo(template: Template, engine: Engine) -> None:
    basics = {"name": "Ada", "label": "Analyst"}
    plain = await card(template, engine, {"basics": basics})
    with_photo = await card(template, engine, {"basics": basics | {"image": "https://example.org/me.png"}})
    other = await card(template, engine, {"basics": basics | {"label": "Countess"}})
    assert plain.tobytes() == with_photo.tobytes()
    assert plain.tobytes() != other.tobytes()


async def test_without_a_name_a_card_carries_the_title(template: Template, engine: Engine) -> None:
    titled = await card(template, engine, {}, title="Ada")
    named = await card(template, engine, {"basics": {"name": "Ada"}}, title="else")
    assert titled.tobytes() == named.tobytes()


async def test_a_card_refuses_options_as_a_document_does(template: Template, engine: Engine) -> None:
    with pytest.raises(InvalidOption):
        await card(template, engine, {}, options={"accent": "red"})


def test_what_is_too_long_ends_after_a_word_where_it_can() -> None:
    assert shortened("short", 10) == "short"
    assert shortened("one two three four", 15) == "one two three\N{HORIZONTAL ELLIPSIS}"
    assert shortened("x" * 20, 10) == "x" * 9 + "\N{HORIZONTAL ELLIPSIS}"


@pytest.mark.parametrize("name", sorted({name for name, _ in load_builtin()}))
async def test_every_template_has_a_card(name: str, engine: Engine) -> None:
    newest = max(version for known, version in load_builtin() if known == name)
    picture = await card(load_builtin()[name, newest], engine, {"basics": {"name": "Ada Lovelace"}})
    assert dark(picture) is not None
