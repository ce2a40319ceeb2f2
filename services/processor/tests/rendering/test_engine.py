"""What a rendered document promises beyond its words: sameness, metadata, links, page breaks, limits, errors."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from processor_standins.engine import Engine

from processor.rendering import RenderFailed, Template, engine_version, resolve_options
from processor.rendering.documents import Document, Photo
from processor.rendering.typst import Typst
from processor.rendering.workers.protocol import Pages, Sheet

LONG = {
    "basics": {"name": "Ada Long"},
    "work": [
        {
            "position": f"Position {n}",
            "name": f"Company {n}",
            "startDate": "2001-02",
            "summary": "A summary of the work that was done here, long enough to take two lines on any page. "
            * 2,
            "highlights": [f"Achievement {n}.{k} that took a while" for k in range(3)],
        }
        for n in range(12)
    ],
    "projects": [{"name": f"Project {n}", "description": "Something small."} for n in range(6)],
}
FAILING = '#let data = json(bytes(sys.inputs.outline))\n#panic("no: " + data.name)'


async def test_a_pdf_is_tagged_and_says_title_author_and_language(template: Template, engine: Engine) -> None:
    pdf = await engine.pdf(template, template.sample, {}, language="sv-SE", title="My CV")
    with pypdfium2.PdfDocument(pdf) as opened:
        metadata = opened.get_metadata_dict()
        assert pdfium.FPDFCatalog_IsTagged(opened.raw)
    assert (metadata["Title"], metadata["Author"]) == ("My CV", "Mara Lindqvist")
    assert metadata["CreationDate"] == metadata["ModDate"] == ""
    assert b"/Lang(sv-SE)" in pdf


async def test_addresses_are_links_and_only_safe_ones(
    template: Template, engine: Engine, document: Callable[[str], dict[str, Any]]
) -> None:
    pdf = await engine.pdf(template, document("complete"), {}, language="en", title="")
    for target in (b"mailto:zoe.oneill@mail.example", b"tel:+442079460958", b"https://oneill.example"):
        assert b"/URI(" + target + b")" in pdf
    assert b"/URI(https://raft-lab.example)" in pdf
    hostile = await engine.pdf(template, document("injection"), {}, language="en", title="")
    assert b"/URI(" not in hostile


@pytest.mark.parametrize("size", [8.5, 9, 9.5, 10, 10.5, 11, 11.5, 12])
async def test_a_heading_is_never_alone_at_the_foot_of_a_page(
    template: Template, engine: Engine, pages_of: Callable[[bytes], list[str]], size: float
) -> None:
    pages = pages_of(await engine.pdf(template, LONG, {"size": size}, language="en", title=""))
    assert len(pages) > 1
    for page in pages[:-1]:
        lines = [line.strip() for line in page.splitlines() if " / " not in line]
        assert not lines[-1].startswith(
            ("Experience", "Projects", "Position", "Project", "Company", "Feb 2001")
        )


async def test_pages_after_the_first_carry_name_and_number(
    template: Template, engine: Engine, pages_of: Callable[[bytes], list[str]]
) -> None:
    first, *others = pages_of(await engine.pdf(template, LONG, {}, language="en", title=""))
    assert "1 / " not in first
    for number, page in enumerate(others, start=2):
        assert f"Ada Long {number} / {len(others) + 1}" in " ".join(page.split())


async def test_sections_follow_the_order_asked_for(
    template: Template, engine: Engine, pages_of: Callable[[bytes], list[str]]
) -> None:
    options = {"order": ["languages", "*", "work"], "hidden": ["skills"]}
    text = "".join(pages_of(await engine.pdf(template, template.sample, options, language="de", title="")))
    assert text.index("Sprachen") < text.index("Ausbildung") < text.index("Berufserfahrung")
    assert "Kenntnisse" not in text


@pytest.mark.parametrize(("format", "start"), [("svg", b"<svg"), ("png", b"\x89PNG")])
async def test_every_page_can_be_a_picture(
    template: Template, engine: Engine, format: Any, start: bytes
) -> None:
    pages = await engine.pages(template, LONG, {}, language="en", title="", format=format)
    assert len(pages) > 1
    assert all(page.startswith(start) for page in pages)
    (second,) = await engine.pages(template, LONG, {}, format=format, pages=(2,))
    assert second == pages[1]
    assert all(page.startswith(b"\x89PNG") for page in await engine.renderer.previews(template))


async def test_renders_at_once_do_not_mix(
    classic: Template, engine: Engine, words_of: Callable[[bytes], str]
) -> None:
    names = [f"Person {n:02d}" for n in range(12)]
    pdfs = await asyncio.gather(
        *(engine.pdf(classic, {"basics": {"name": name}}, {}, language="en", title="") for name in names)
    )
    assert [words_of(pdf) for pdf in pdfs] == names


async def test_a_failing_template_is_named_without_a_word_of_the_resume(
    classic: Template, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "main.typ").write_text(FAILING)
    template = msgspec.structs.replace(classic, folder=tmp_path)
    content = {"basics": {"name": "Secret Person"}}
    with pytest.raises(RenderFailed, match=r"classic 1 .*main\.typ:2") as caught:
        await engine.pdf(template, content, {})
    assert "Secret" not in str(caught.value)
    with pytest.raises(
        RenderFailed, match="Secret Person"
    ):  # of made-up people, whoever tries a template may read more
        await engine.made(template, content, {}, explains=True)


async def test_a_template_gets_its_data_however_it_asks(
    classic: Template, engine: Engine, words_of: Callable[[bytes], str], tmp_path: Path
) -> None:
    sources = (
        "#json(bytes(sys.inputs.outline)).name",
        '#json(bytes(sys.inputs.at("outline"))).name',
        "#let asked = sys.inputs\n#json(bytes(asked.outline)).name",
    )
    for number, source in enumerate(sources):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "main.typ").write_text(source)
        template = msgspec.structs.replace(classic, folder=folder)
        for name in ("Ada", "Bob"):
            assert words_of(await engine.pdf(template, {"basics": {"name": name}}, {})) == name


def test_nothing_of_a_document_is_left_lying_about(classic: Template, tmp_path: Path) -> None:
    engine = Typst(tmp_path)
    photo = Photo(b"\xff\xd8 a picture of Ada", 1, 1)
    document = Document({"basics": {"name": "Ada Lovelace"}}, "en", "", photo=photo)
    options = resolve_options(classic, {})
    assert engine.pages(Pages(classic, Sheet.of(document), options, "pdf")).files[0].startswith(b"%PDF-")
    engine.tidy()
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Ada" not in left
    assert b"outline" in left  # the templates are there


async def test_pages_are_counted_whatever_they_become(template: Template, engine: Engine) -> None:
    for format in ("pdf", "svg", "png"):
        made = await engine.made(template, LONG, {"size": 11}, format=format)
        assert made.page_count == 3, format
        assert len(made.files) == (1 if format == "pdf" else 3)
    with pypdfium2.PdfDocument(await engine.pdf(template, LONG, {"size": 11})) as opened:
        assert len(opened) == 3


async def test_a_missing_template_source_is_a_clear_failure(classic: Template, engine: Engine) -> None:
    nowhere = msgspec.structs.replace(classic, folder=classic.folder / "nowhere")
    with pytest.raises(RenderFailed, match="classic 1"):
        await engine.pdf(nowhere, {}, {}, language="en", title="")


@pytest.mark.parametrize("language", ["en", "pt_BR", "zh-Hant-TW", "xx", "", "not a language", "../../etc"])
async def test_any_language_tag_renders(classic: Template, engine: Engine, language: str) -> None:
    assert await engine.pdf(classic, classic.sample, {}, language=language, title="")


def test_the_engine_version_is_stable_in_a_process_and_fit_for_an_address() -> None:
    assert engine_version() == engine_version()
    assert engine_version().replace("-", "").replace(".", "").isalnum()
