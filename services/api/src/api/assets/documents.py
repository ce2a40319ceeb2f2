"""Documents are kept as they are, so they are only looked at: by their bytes, not by what they are said to be."""

import re
import zipfile
from io import BytesIO

from api.assets.problems import FileBroken, FileUnsafe, NotWhatItSays
from api.assets.types import DOCX, ODT

MOST_ENTRIES = 2000
MOST_UNPACKED = 200 << 20
MOST_RATIO = 200
"""How many times larger than its bytes an archive may be when unpacked."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MACROS = re.compile(r"(?i)(^|/)(vbaProject\.bin|Basic|Scripts)(/|$)")


def check(data: bytes, content_type: str) -> None:
    """Raise NotWhatItSays, FileBroken or FileUnsafe unless `data` is a document of that type. Blocks."""
    if content_type == "application/pdf":
        _check_pdf(data)
    elif content_type in {DOCX, ODT}:
        _check_archive(data, content_type)
    else:
        _check_text(data)


def _check_pdf(data: bytes) -> None:
    if not data.startswith(b"%PDF-"):
        raise NotWhatItSays("It does not begin as a PDF does.")
    if b"%%EOF" not in data[-2048:]:
        raise FileBroken("It does not end as a PDF does.")


def _check_text(data: bytes) -> None:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotWhatItSays("It is not text in UTF-8.") from error
    if _CONTROL.search(text):
        raise NotWhatItSays("It has characters that text does not have.")


def _check_archive(data: bytes, content_type: str) -> None:
    """An office document is a ZIP archive: bounded, with no path out of it, no macros, and with the parts it must have."""
    if not data.startswith(b"PK\x03\x04"):
        raise NotWhatItSays("It does not begin as an office document does.")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _check_entries(archive.infolist(), len(data))
            _check_parts(archive, content_type)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
        raise FileBroken("The archive cannot be read.") from error


def _check_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > min(MOST_UNPACKED, size * MOST_RATIO):
        raise FileUnsafe("It is too large when unpacked.")
    for entry in entries:
        parts = entry.orig_filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0] or "\0" in entry.orig_filename:
            raise FileUnsafe("It names files outside of itself.")
        if entry.flag_bits & 1:
            raise FileUnsafe("It is encrypted.")
        if _MACROS.search(entry.filename):
            raise FileUnsafe("It has macros.")


def _check_parts(archive: zipfile.ZipFile, content_type: str) -> None:
    names = set(archive.namelist())
    if content_type == DOCX:
        is_right = {"[Content_Types].xml", "word/document.xml"} <= names
    else:
        is_right = {"mimetype", "content.xml"} <= names and _mimetype(archive) == ODT
    if not is_right:
        raise NotWhatItSays("It has not the parts of such a document.")


def _mimetype(archive: zipfile.ZipFile) -> str:
    with archive.open("mimetype") as part:
        return part.read(200).decode("latin-1").strip()
