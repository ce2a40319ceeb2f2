"""What the tests of formats share: documents, and one call that writes them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from processor import formats
from processor.rendering import load_builtin, resolve_options
from processor.rendering.documents import Document

DOCUMENTS = Path(__file__).parents[1] / "rendering" / "documents"
CLASSIC = load_builtin()["classic", 1]
Write = Callable[..., bytes]


@pytest.fixture(scope="session")
def document() -> Callable[[str], dict[str, Any]]:
    return lambda name: json.loads((DOCUMENTS / f"{name}.json").read_text())


@pytest.fixture(scope="session")
def letter() -> dict[str, Any]:
    return load_builtin()["letter", 1].sample


@pytest.fixture(scope="session")
def write() -> Write:
    """`write(format, content)`: the bytes of the file."""

    def written(
        format: str, content: dict[str, Any], options: dict[str, Any] | None = None, **changes: Any
    ) -> bytes:
        chosen = resolve_options(CLASSIC, {}) | (options or {})
        made = Document(**({"content": content, "language": "en", "title": "A resume"} | changes))
        return formats.write(format, CLASSIC, made, chosen).data

    return written
