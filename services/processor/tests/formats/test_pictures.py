"""Pictures of pages in one archive."""

import io
import zipfile

from processor.formats import archive


def test_pages_are_numbered_and_the_archive_is_the_same_each_time() -> None:
    pages = [b"one", b"two"]
    data = archive(pages)
    assert data == archive(list(pages))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == {
            "page-1.png": b"one",
            "page-2.png": b"two",
        }
