"""Pictures of pages in one file."""

import io
import zipfile
from collections.abc import Sequence

_BEFORE_ALL = (1980, 1, 1, 0, 0, 0)
"""The first date that a ZIP archive knows: the same input gives the same bytes."""


def archive(pages: Sequence[bytes]) -> bytes:
    """A ZIP archive of `page-1.png` and so on. They are compressed already, so they are only put in."""
    return packed({f"page-{number}.png": page for number, page in enumerate(pages, 1)}, zipfile.ZIP_STORED)


def packed(files: dict[str, bytes], compression: int) -> bytes:
    """A ZIP archive of files by their names, with nothing in it that another run would make differently."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _BEFORE_ALL)
            entry.compress_type = compression
            entry.create_system = 3  # whatever system it is made on
            archive.writestr(entry, data)
    return buffer.getvalue()
