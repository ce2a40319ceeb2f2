"""The files of a ZIP archive, within bounds that hold before anything is unpacked and while it is."""

import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from api.imports.problems import Unreadable

MOST_FILES = 200
LARGEST_FILE = 5 << 20
LARGEST_WHOLE = 20 << 20
LARGEST_RATIO = 100
"""How many times its packed size a file may have. Small files may have more: a line of text over and over packs well."""
_SMALL = 64 << 10
_ENCRYPTED = 0x1


def read(data: bytes, *, only: tuple[str, ...] = ()) -> dict[str, bytes | None]:
    """The files by name; of those whose names do not end with one of `only` just the names. Raises Unreadable."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            if len(archive.infolist()) > MOST_FILES:
                raise Unreadable("$", f"The archive has more than {MOST_FILES} files.")
            for info in files:
                _check(info)
            wanted = [info for info in files if not only or info.filename.lower().endswith(only)]
            _check_whole(wanted)
            contents = {info.filename: _unpack(archive, info) for info in wanted}
            return {info.filename: contents.get(info.filename) for info in files}
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        OSError,
        RuntimeError,
    ) as error:
        raise Unreadable("$", f"Not a ZIP archive that can be read: {error}.") from error


def _check(info: ZipInfo) -> None:
    name = info.filename
    if name.startswith(("/", "\\")) or ":" in name[:3] or ".." in name.replace("\\", "/").split("/"):
        raise Unreadable(_path(info), "The name of a file leads out of the archive.")
    if info.flag_bits & _ENCRYPTED:
        raise Unreadable(_path(info), "The file is encrypted.")


def _check_whole(files: list[ZipInfo]) -> None:
    if len({info.filename for info in files}) != len(files):
        raise Unreadable("$", "Two files of the archive have one name.")
    if sum(info.file_size for info in files) > LARGEST_WHOLE:
        raise Unreadable("$", f"The files of the archive have more than {LARGEST_WHOLE >> 20} MiB.")
    for info in files:
        if info.file_size > LARGEST_FILE:
            raise Unreadable(_path(info), f"The file has more than {LARGEST_FILE >> 20} MiB.")
        if info.file_size > max(_SMALL, LARGEST_RATIO * info.compress_size):
            raise Unreadable(_path(info), f"The file is packed more than {LARGEST_RATIO} times.")


def _unpack(archive: ZipFile, info: ZipInfo) -> bytes:
    """The content; what the archive says of its size is not believed, but zipfile stops there and checks it."""
    with archive.open(info) as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise Unreadable(_path(info), f"The file has more than {LARGEST_FILE >> 20} MiB.")
    return content


def _path(info: ZipInfo) -> str:
    return f'$["{info.filename[:100]}"]'
