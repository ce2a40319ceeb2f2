"""What is wrong with a finished document is said with it, in words that its owner understands, and nothing else is."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image
from processor_standins.engine import Engine

from common.contracts.documents import RenderWarning
from processor.rendering import Template, load_builtin
from processor.rendering.contrast import contrast
from processor.rendering.documents import Photo
from processor.rendering.glyphs import missing_from_fonts
from processor.rendering.manifest import TEMPLATES
from processor.rendering.preflight import check, told_by

CLASSIC = load_builtin()["classic", 2]
SAMPLES: dict[str, Any] = {
    "resume": CLASSIC.sample,
    "cover-letter": json.loads((TEMPLATES / "kit/2/letter.json").read_text()),
}
ADA: dict[str, Any] = {"basics": {"name": "Ada"}}


def photo(pixels: int) -> Photo:
    data = io.BytesIO()
    Image.new("RGB", (pixels, pixels), "#8899aa").save(data, "JPEG")
    return Photo(data.getvalue(), pixels, pixels)


async def warnings_of(
    engine: Engine, content: dict[str, Any], template: Template = CLASSIC, **changes: Any
) -> list[RenderWarning]:
    return (await engine.made(template, content, changes.pop("options", {}), **changes)).warnings


async def test_a_document_without_faults_has_no_warnings(
    engine: Engine, document: Callable[[str], dict[str, Any]]
) -> None:
    for name in ("complete", "scripts", "rich"):
        assert await warnings_of(engine, document(name)) == []


async def test_characters_that_no_typeface_has_are_named_and_the_rest_is_printed(
    engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    content = {"basics": {"name": "Ada", "summary": "Reads \U00013000 and \U00013001; also ≔ and \u2a74."}}
    made = await engine.made(CLASSIC, content, {})
    missing, standard = made.warnings
    assert missing.code == "missing_glyphs"
    assert missing.message == "No typeface has 2 of the characters, so they are shown as empty boxes."
    named = "\U00013000 (U+13000), \U00013001 (U+13001)"
    assert missing.text == f"{named}, in: {content['basics']['summary']}"
    assert standard.code == "not_accessible"
    assert standard.message == (
        "The file does not follow PDF/UA-1, because some of its characters cannot be shown."
    )
    words = words_of(made.files[0])
    assert "Reads" in words
    assert "also ≔ and" in words


async def test_text_in_a_pale_colour_is_hard_to_read(engine: Engine) -> None:
    [warning] = await warnings_of(engine, ADA, options={"accent": "#88aacc"})
    assert (warning.code, warning.text) == ("low_contrast", "#88aacc")
    assert "2.4 to 1" in warning.message
    old = await warnings_of(engine, ADA, load_builtin()["classic", 1], options={"accent": "#88aacc"})
    assert [w.code for w in old] == ["low_contrast"]


async def test_a_photo_of_few_pixels_is_too_small_for_its_size(engine: Engine) -> None:
    options = {"photo": "circle", "photoSize": 40}
    [warning] = await warnings_of(engine, ADA, options=options, photo=photo(200))
    assert warning.code == "photo_too_small"
    assert "126 dots an inch" in warning.message
    assert await warnings_of(engine, ADA, options=options, photo=photo(300)) == []
    assert await warnings_of(engine, ADA, options={"photo": "none"}, photo=photo(20)) == []


async def test_a_photo_that_a_template_has_no_room_for_is_not_left_out_in_silence(engine: Engine) -> None:
    academic = load_builtin()["academic", 1]
    [warning] = await warnings_of(engine, ADA, academic, photo=photo(600))
    assert warning.code == "photo_not_usable"
    assert await warnings_of(engine, ADA, academic) == []
    assert await warnings_of(engine, ADA, photo=photo(600)) == []


@pytest.mark.parametrize("name", ["modern", "editorial", "sidebar"])
async def test_letters_in_a_pale_colour_are_darkened_where_much_is_set_in_it(
    engine: Engine, name: str
) -> None:
    template = max((t for t in load_builtin().values() if t.id == name), key=lambda t: t.version)
    assert await warnings_of(engine, ADA, template, options={"accent": "#ffee00"}) == []


async def test_a_last_page_with_a_few_lines_is_nearly_empty(engine: Engine) -> None:
    def jobs(count: int) -> dict[str, Any]:
        return {
            "basics": {"name": "Ada"},
            "work": [{"position": f"Role {n}", "name": "C"} for n in range(count)],
        }

    counts = [(n, await engine.made(CLASSIC, jobs(n), {})) for n in (19, 20, 21, 22, 23, 30)]
    first_of_two = next(made for _, made in counts if made.page_count == 2)
    [warning] = first_of_two.warnings
    assert (warning.code, warning.page) == ("page_nearly_empty", 2)
    assert counts[0][1].warnings == counts[-1][1].warnings == []


OVERFLOWING = """
#import "/kit/2/kit.typ": *
#show: document-setup.with(margin: 2cm, room: 17cm)
#pagebreak()
#let name = outline-data.name
#block(width: 3cm, check-width(name, name))
#place(left, dx: 12cm, box(width: 20cm, name))
"""


async def test_what_is_wider_than_its_room_is_named_with_its_page(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "main.typ").write_text(OVERFLOWING)
    files = {"resume": "main.typ"}
    template = msgspec.structs.replace(CLASSIC, id="wide", folder=tmp_path, files=files, kinds=("resume",))
    name = "Pneumonoultramicroscopicsilicovolcanoconiosis-is-a-long-word"
    made = await engine.made(template, {"basics": {"name": name}}, {})
    [warning] = [warning for warning in made.warnings if warning.code == "text_overflows"]
    assert warning.page == 2
    assert warning.text is not None
    assert warning.text.startswith("Pneumono")


@pytest.mark.parametrize("template", [CLASSIC, load_builtin()["modern", 2]], ids=lambda template: template.id)
async def test_a_template_shows_itself_on_one_page_without_a_fault(
    engine: Engine, template: Template
) -> None:
    for kind in template.kinds:
        made = await engine.made(template, SAMPLES[kind], {}, kind=kind)
        assert (made.page_count, made.warnings) == (1, [])


def test_the_document_tells_what_runs_over_its_edge() -> None:
    told = told_by(
        json.dumps(
            [{"value": {"kind": "overflow", "page": 2, "text": "w" * 100}}, {"value": 7}, {"func": "x"}]
        )
    )
    [warning] = check(told, "{}", {}, can_show=lambda _: True)
    assert (warning.code, warning.page, warning.text) == ("text_overflows", 2, "w" * 79 + "…")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#ffffff", "#0000ff", 8.59),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


def test_fonts_are_asked_for_what_they_have() -> None:
    assert missing_from_fonts("Aé Ω ж \u0627 א क ไ 字 한 🚀 ✅\u200d\ufe0f\n\u2060") == set()
    assert missing_from_fonts("a\U00013000b") == {"\U00013000"}
