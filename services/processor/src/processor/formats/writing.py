"""The one way to have a document written: which writer makes which format, and what of the options it looks at."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import msgspec

from common.file_formats import FORMATS
from processor import outlines
from processor.formats.docx.writing import write_docx
from processor.formats.html import write_html
from processor.formats.json import write_json
from processor.formats.markdown import write_markdown
from processor.formats.members import in_order
from processor.formats.reading import outlined
from processor.formats.text import write_text
from processor.formats.yaml import write_yaml
from processor.rendering.documents import Document
from processor.rendering.manifest import Template

_ORDER = frozenset({"order", "hidden", "dates"})
_LOOKS = _ORDER | {"direction", "accent", "font"}
_OPTIONS: dict[str, frozenset[str]] = {
    "docx": _LOOKS | {"page", "size", "pageNumbers"},
    "html": _LOOKS | {"photo"},
    "md": _ORDER,
    "txt": _ORDER,
    "json": frozenset(),
    "yaml": frozenset(),
}
WRITTEN = frozenset(_OPTIONS)
"""The formats that are written here; those of pages are rendered."""
_PACKAGES = ("babel", "jinja2", "python-docx", "pyyaml")


class File(msgspec.Struct, frozen=True):
    """A finished file: its bytes, their media type, and how its name ends."""

    data: bytes
    media_type: str
    ending: str


Writer = Callable[[Template, Document, Mapping[str, Any]], bytes]


def write(format: str, template: Template, document: Document, options: Mapping[str, Any]) -> File:
    """The document in one of the formats `WRITTEN`, the same bytes for the same input.

    `options` are resolved ones; of those the format looks at the `relevant`. The template gives the order of sections for
    a document that comes without one. Takes some 50 ms of processor time for a long resume as DOCX.
    """
    kind = FORMATS[format]
    return File(_WRITERS[format](template, document, relevant(format, options)), kind.media_type, kind.ending)


def relevant(format: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Of options those that make a difference to a document in `format`."""
    known = _OPTIONS.get(format)
    return {name: value for name, value in options.items() if known is None or name in known}


@cache
def version() -> str:
    """A name for all code that decides what a file looks like."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for package in _PACKAGES:
        digest.update(f"{package} {version_of(package)}\0".encode())
    return f"formats-{digest.hexdigest()[:16]}"


def _sources() -> Iterable[Path]:
    for folder in (Path(__file__).parent, Path(outlines.__file__).parent):
        yield from (path for path in folder.rglob("*.*") if path.is_file() and path.suffix != ".pyc")


def _html(template: Template, document: Document, options: Mapping[str, Any]) -> bytes:
    exact = outlined(template, document, options, dates="exact")
    return write_html(outlined(template, document, options), exact, options, photo=document.photo).encode()


def _docx(template: Template, document: Document, options: Mapping[str, Any]) -> bytes:
    return write_docx(outlined(template, document, options), document, options)


_WRITERS: dict[str, Writer] = {
    "docx": _docx,
    "html": _html,
    "md": lambda template, document, options: write_markdown(outlined(template, document, options)).encode(),
    "txt": lambda template, document, options: write_text(outlined(template, document, options)).encode(),
    "json": lambda _template, document, _options: write_json(in_order(document.content)).encode(),
    "yaml": lambda _template, document, _options: write_yaml(in_order(document.content)).encode(),
}
