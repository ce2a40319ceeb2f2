"""The files of a ZIP archive."""

from api.imports.problems import Unreadable
from common.zips import Bounds, ZipRefused, read_zip

BOUNDS = Bounds()


def read(data: bytes, *, only: tuple[str, ...] = ()) -> dict[str, bytes | None]:
    """The files by name; of those whose names do not end with one of `only` just the names. Raises Unreadable."""
    try:
        return read_zip(data, BOUNDS, only=only)
    except ZipRefused as refused:
        raise Unreadable(f'$["{refused.name}"]' if refused.name else "$", str(refused)) from refused
