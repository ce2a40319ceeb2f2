"""The package of a DOCX: what an empty one is made of, and one without anything that tells two runs apart."""

import io
import zipfile
from functools import cache
from pathlib import Path

import docx
from docx.document import Document as WordDocument

from processor.formats.pictures import packed

_BASE = Path(__file__).with_name("base")


@cache
def _empty() -> bytes:
    parts = sorted(path for path in _BASE.rglob("*") if path.is_file())
    files = {path.relative_to(_BASE).as_posix(): path.read_bytes() for path in parts}
    return packed(files, zipfile.ZIP_STORED)


def empty() -> WordDocument:
    """A new document."""
    return docx.Document(io.BytesIO(_empty()))


def saved(document: WordDocument) -> bytes:
    """The file. What was packed at another time is the same to the byte."""
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        return packed({name: archive.read(name) for name in archive.namelist()}, zipfile.ZIP_DEFLATED)
