"""What the rendering tests share: one engine, the made-up resumes, and a reader of finished PDFs."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import pytest_asyncio
from processor_standins.engine import Engine

from processor.rendering import Renderer, Template, load_builtin

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
