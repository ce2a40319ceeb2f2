"""Archives that somebody sends: read, or refused with words, whatever is in them."""

import random
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile

import pytest

from common.zips import Bounds, ZipRefused, read_zip

FILES = {"main.typ": b"#let words = 1\n" * 40, "fonts/read me.txt": bytes(range(256)), "empty": b""}
BROKEN = 4_000


def archive(method: int) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", method) as opened:
        for name, content in FILES.items():
            opened.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED])
def test_an_archive_is_read(method: int) -> None:
    assert read_zip(archive(method), Bounds()) == FILES
    assert read_zip(archive(method), Bounds(), only=(".typ",)) == dict.fromkeys(FILES) | {
        "main.typ": FILES["main.typ"]
    }


@pytest.mark.parametrize("method", [ZIP_BZIP2, ZIP_LZMA])
def test_unusual_ways_of_packing_are_refused(method: int) -> None:
    with pytest.raises(ZipRefused, match="deflate"):
        read_zip(archive(method), Bounds())


def test_a_file_without_a_name_is_refused() -> None:
    whole = archive(ZIP_STORED)
    with pytest.raises(ZipRefused):
        read_zip(whole.replace(b"empty", b"\0mpty"), Bounds())


@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA])
def test_an_archive_that_was_damaged_is_read_or_refused(method: int) -> None:
    whole, chance = archive(method), random.Random(method)
    refused = 0
    for _ in range(BROKEN):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            read_zip(bytes(data), Bounds())
        except ZipRefused:
            refused += 1
    assert refused > BROKEN // 2
