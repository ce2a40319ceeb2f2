"""The files of a ZIP archive that somebody sends, within bounds that hold before anything is unpacked and while it is."""

import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import msgspec

_SMALL = 64 << 10
_ENCRYPTED = 0x1
_METHODS = (ZIP_STORED, ZIP_DEFLATED)
"""What every program packs with. The others take more memory, and are what nobody sends but to try us."""


class ZipRefused(ValueError):
    """The archive is none, or is out of bounds. `name` is the file that it is about, empty for the whole."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name[:100]


class Bounds(msgspec.Struct, frozen=True):
    """Sizes in bytes. `ratio` is how many times its packed size a file may have; small ones may have more, because a line
    of text over and over packs well."""

    files: int = 200
    file: int = 5 << 20
    whole: int = 20 << 20
    ratio: int = 100


def read_zip(data: bytes, bounds: Bounds, *, only: tuple[str, ...] = ()) -> dict[str, bytes | None]:
    """The files by name; of those whose names do not end with one of `only` just the names. Raises ZipRefused."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            if len(archive.infolist()) > bounds.files:
                raise ZipRefused(f"The archive has more than {bounds.files} files.")
            for info in files:
                _check_name(info)
                _check_method(info)
            wanted = [info for info in files if not only or info.filename.lower().endswith(only)]
            _check_sizes(wanted, bounds)
            contents = {info.filename: _unpack(archive, info, bounds) for info in wanted}
            return {info.filename: contents.get(info.filename) for info in files}
    except ZipRefused:
        raise
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        LookupError,
        OSError,
        RuntimeError,
    ) as error:
        raise ZipRefused(f"Not a ZIP archive that can be read: {error}.") from error


def _check_name(info: ZipInfo) -> None:
    name = info.filename
    if name.startswith(("/", "\\")) or ":" in name[:3] or ".." in name.replace("\\", "/").split("/"):
        raise ZipRefused("The name of a file leads out of the archive.", name)


def _check_method(info: ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise ZipRefused("The file is encrypted.", info.filename)
    if info.compress_type not in _METHODS:
        raise ZipRefused(
            "The file is packed in an unusual way: make the archive with deflate.", info.filename
        )


def _check_sizes(files: list[ZipInfo], bounds: Bounds) -> None:
    if len({info.filename for info in files}) != len(files):
        raise ZipRefused("Two files of the archive have one name.")
    if sum(info.file_size for info in files) > bounds.whole:
        raise ZipRefused(f"The files of the archive have more than {bounds.whole >> 20} MiB.")
    for info in files:
        if info.file_size > bounds.file:
            raise ZipRefused(f"The file has more than {bounds.file >> 20} MiB.", info.filename)
        if info.file_size > max(_SMALL, bounds.ratio * info.compress_size):
            raise ZipRefused(f"The file is packed more than {bounds.ratio} times.", info.filename)


def _unpack(archive: ZipFile, info: ZipInfo, bounds: Bounds) -> bytes:
    """The content; what the archive says of its size is not believed, but zipfile stops there and checks it."""
    with archive.open(info) as file:
        content = file.read(bounds.file + 1)
    if len(content) > bounds.file:
        raise ZipRefused(f"The file has more than {bounds.file >> 20} MiB.", info.filename)
    return content
