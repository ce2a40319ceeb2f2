"""Documents that everybody can read and that last: PDF/UA-1 by default, PDF/A-2a on request."""

import io
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pypdfium2
import pytest
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1
from PIL import Image
from processor_standins.engine import Engine

from processor.rendering import Rendered, Template, load_builtin
from processor.rendering.documents import LETTER, RESUME, Photo

BOTH = ("a-2a", "ua-1")
MADE_ON = date(2025, 11, 21)
TYPST = [template for template in load_builtin().values() if template.engine == "typst" and template.kit == 2]
NAMES = [f"{template.id}-{template.version}" for template in TYPST]


def catalogue_of(pdf: bytes) -> dict[str, Any]:
    """The root of a PDF, one level of it read."""
    document = PDFDocument(PDFParser(io.BytesIO(pdf)))
    return {name: resolve1(value) for name, value in document.catalog.items()}


def metadata_of(pdf: bytes) -> str:
    return str(catalogue_of(pdf)["Metadata"].get_data().decode())


@pytest.mark.parametrize(
    ("template", "kind"),
    [(template, kind) for template in TYPST for kind in (RESUME, LETTER) if kind in template.kinds],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
async def test_every_document_can_be_read_by_everybody(
    template: Template, kind: str, shown: Callable[[Template, str], Awaitable[Rendered]]
) -> None:
    made = await shown(template, kind)
    assert [w for w in made.warnings if w.code != "page_nearly_empty"] == []
    root = catalogue_of(made.files[0])
    assert root["StructTreeRoot"]
    assert root["MarkInfo"]["Marked"] is True
    assert root["Lang"] == b"en-GB"
    assert root["ViewerPreferences"]["DisplayDocTitle"] is True
    assert "Outlines" in root
    metadata = metadata_of(made.files[0])
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "Papers" in metadata


async def test_a_document_for_archives_says_what_it_is_and_when_it_was_made(
    engine: Engine, document: Callable[[str], dict[str, Any]]
) -> None:
    for name in ("classic", "modern"):
        template = load_builtin()[name, 2]
        made = await engine.made(template, document("rich"), {}, title="CV", standards=BOTH, made_on=MADE_ON)
        assert made.warnings == []
        metadata = metadata_of(made.files[0])
        assert "<pdfaid:part>2</pdfaid:part>" in metadata
        assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
        assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
        with pypdfium2.PdfDocument(made.files[0]) as opened:
            assert opened.get_metadata_dict()["CreationDate"].startswith("D:20251121")


async def test_what_cannot_follow_a_standard_is_made_without_it_and_says_so(engine: Engine) -> None:
    old = load_builtin()["classic", 1]  # has no date
    made = await engine.made(old, {"basics": {"name": "Ada"}}, {}, standards=BOTH, made_on=MADE_ON)
    assert [w.message for w in made.warnings] == ["The file does not follow PDF/A-2a and PDF/UA-1."]
    assert b"pdfaid" not in made.files[0]


@pytest.mark.parametrize("template", TYPST, ids=NAMES)
async def test_a_document_without_a_name_or_a_title_can_be_read_by_everybody(
    engine: Engine, template: Template
) -> None:
    content = {
        "work": [{"position": "Cook"}, {"startDate": "2001"}, {"summary": "Words alone."}],
        "publications": [{"releaseDate": "2020"}],
        "": ["a section without a name"],
        "subject": "A letter from nobody",
        "paragraphs": ["Hello."],
    }
    for kind, called in ((RESUME, "Lebenslauf"), (LETTER, "Brief")):
        if kind in template.kinds:
            assert (await engine.made(template, content, {}, kind=kind)).warnings == []
            empty = await engine.made(template, {}, {}, kind=kind, language="de")
            assert empty.warnings == []
            assert called in metadata_of(empty.files[0])


async def test_a_photo_has_words_for_those_who_do_not_see_it(engine: Engine) -> None:
    data = io.BytesIO()
    Image.new("RGB", (400, 400), "#335577").save(data, "PNG")
    photo = Photo(data.getvalue(), 400, 400)
    content = {"basics": {"name": "Ada", "image": "asset:x"}}
    made = await engine.made(
        load_builtin()["modern", 2], content, {"photo": "circle"}, photo=photo, language="de", title="CV"
    )
    assert made.warnings == []
    assert b"/Alt(Foto: Ada)" in made.files[0]
    assert b"/Figure" in made.files[0]


async def test_the_same_input_gives_the_same_bytes_whatever_came_between(
    engine: Engine, document: Callable[[str], dict[str, Any]]
) -> None:
    template = load_builtin()["modern", 2]
    wanted: dict[str, Any] = {"title": "CV", "standards": BOTH, "made_on": MADE_ON}
    first = await engine.made(template, document("rich"), {"fit": 2}, **wanted)
    await engine.made(template, document("arabic"), {}, language="ar")
    assert (await engine.made(template, document("rich"), {"fit": 2}, **wanted)).files == first.files
