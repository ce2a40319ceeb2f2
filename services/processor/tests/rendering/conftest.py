"""What the rendering tests share: one engine, the made-up resumes, and a reader of finished PDFs."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import pytest_asyncio
from processor_standins.engine import Engine

from processor.rendering import Rendered, Renderer, Template, load_builtin
from processor.rendering.documents import RESUME
from processor.rendering.manifest import TEMPLATES

DOCUMENTS = Path(__file__).with_name("documents")


@pytest_asyncio.fixture(scope="session")
async def engine() -> AsyncIterator[Engine]:
    renderer = Renderer(workers=1)
    yield Engine(renderer)
    await renderer.stop()


@pytest.fixture(scope="session", params=["classic", "modern"])
def template(request: pytest.FixtureRequest) -> Template:
    return load_builtin()[request.param, 1]


@pytest.fixture(scope="session")
def classic() -> Template:
    return load_builtin()["classic", 1]


@pytest.fixture(scope="session")
def document() -> Callable[[str], dict[str, Any]]:
    return lambda name: json.loads((DOCUMENTS / f"{name}.json").read_text())


@pytest.fixture(scope="session")
def shown(
    engine: Engine, document: Callable[[str], dict[str, Any]]
) -> Callable[[Template, str], Awaitable[Rendered]]:
    """A template's PDF of everything that a kind of document can hold, with icons and addresses in full: looked at by several
    tests, made once."""
    made: dict[tuple[str, int, str], Rendered] = {}

    async def show(template: Template, kind: str) -> Rendered:
        key = (template.id, template.version, kind)
        if key not in made:
            content = document("rich" if kind == RESUME else str(TEMPLATES / "kit/2/letter"))
            wanted = {"links": "written", "icons": True}
            options = {name: value for name, value in wanted.items() if name in template.options}
            made[key] = await engine.made(
                template, content, options, kind=kind, language="en-GB", title="Papers"
            )
        return made[key]

    return show


@pytest.fixture(scope="session")
def pages_of() -> Callable[[bytes], list[str]]:
    """The text of each page of a PDF, lines as the reader sees them."""

    def read(pdf: bytes) -> list[str]:
        with pypdfium2.PdfDocument(pdf) as opened:
            return [page.get_textpage().get_text_range() for page in opened]

    return read


@pytest.fixture(scope="session")
def words_of(pages_of: Callable[[bytes], list[str]]) -> Callable[[bytes], str]:
    """All text of a PDF with its white space made single spaces."""
    return lambda pdf: " ".join(" ".join(pages_of(pdf)).split())
