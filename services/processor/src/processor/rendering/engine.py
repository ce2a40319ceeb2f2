"""What decides how a document looks, beside its content."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from processor import outlines
from processor.rendering.fonts import PACKAGES
from processor.rendering.manifest import TEMPLATES

_PACKAGES = ("typst", "babel", "fonttools", "jinja2", "nh3", "playwright", "pypdfium2", *PACKAGES)


@cache
def engine_version() -> str:
    """Names everything besides the content that decides what a document looks like: for content addresses.

    It changes with the versions of the engines, fonts and locale data, and with any byte of templates and this package.
    """
    digest = hashlib.sha256()
    sources = (Path(__file__).parent, Path(outlines.__file__).parent, TEMPLATES)
    for path in sorted(path for folder in sources for path in folder.rglob("*.*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for package in _PACKAGES:
        digest.update(f"{package} {version(package)}\0".encode())
    return f"typst-{version('typst')}-{digest.hexdigest()[:16]}"
