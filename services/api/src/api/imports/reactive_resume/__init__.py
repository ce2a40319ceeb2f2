"""Reactive Resume (https://rxresu.me), versions 4 and 5 of its document."""

from typing import Any

from api.imports.drafts import Draft
from api.imports.reactive_resume import v4, v5
from api.imports.reading import Reader

NAME = "reactive-resume"


def recognises(source: Any) -> bool:
    inner = _inner(source)
    return isinstance(inner, dict) and isinstance(inner.get("sections"), dict) and "basics" in inner


def read(source: Reader, draft: Draft) -> None:
    """Puts `source` into `draft`. Raises Unreadable."""
    document = source.get("data") if _inner(source.value) is not source.value else source
    (v5 if _is_v5(document.value) else v4).read(document.object(), draft)


def _inner(source: Any) -> Any:
    """The document, also inside of what the program's own API gives of it."""
    data = source.get("data") if isinstance(source, dict) else None
    return data if isinstance(data, dict) and "sections" in data else source


def _is_v5(document: Any) -> bool:
    return isinstance(document, dict) and any(
        name in document for name in ("summary", "customSections", "picture")
    )
