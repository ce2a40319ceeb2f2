"""Templates that were published stay as they are: old resumes look on their day as they did on the first.

The expected lines were taken from version 1 when it was published. They are compared as text and numbers of pages, not as
bytes of files, which a new release of the engine may write in another order.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from processor_standins.engine import Engine

from processor.rendering import load_builtin
from processor.rendering.manifest import TEMPLATES

GOLDEN = json.loads(Path(__file__).with_name("frozen.json").read_text())


@pytest.mark.parametrize("name", sorted(GOLDEN["pages"]))
async def test_a_published_template_prints_what_it_did(
    engine: Engine,
    document: Callable[[str], dict[str, Any]],
    pages_of: Callable[[bytes], list[str]],
    name: str,
) -> None:
    template, source, language = name.split()
    content = json.loads((TEMPLATES / source).read_text()) if "/" in source else document(source)
    pdf = await engine.pdf(load_builtin()[template, 1], content, {}, language=language, title="CV")
    assert [page.splitlines() for page in pages_of(pdf)] == GOLDEN["pages"][name]


def test_no_source_of_a_published_template_has_changed() -> None:
    found = {
        str(path.relative_to(TEMPLATES)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("kit/1", "classic/1", "modern/1", "letter/1")
        for path in sorted((TEMPLATES / folder).rglob("*.*"))
    }
    assert found == GOLDEN["sources"]
