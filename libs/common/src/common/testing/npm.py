"""What others published with npm: resumes, input that nobody here made up; and programs, to talk to ours."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from shutil import which

import pytest

PACKAGES = ("@jsonresume/schema@1.3.1", "@jsonresume/sample-data@0.2.1", "resume-schema@1.0.1")
_CACHE = Path(__file__).parents[5] / ".data" / "npm"


def resumes(package: str) -> dict[str, bytes]:
    """The resumes of a package by file name; fetched once.

    Skips the test where they cannot be fetched. In CI that is a failure: nobody would notice a skip.
    """
    folder = _CACHE / package.replace("/", "-")
    if not list(folder.glob("*.tgz")) and (reason := _fetch(package, folder)):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        files = {member.name: archive.extractfile(member) for member in archive if _is_resume(member.name)}
        return {name: file.read() for name, file in files.items() if file}


def installed(*packages: str) -> Path:
    """A folder with `packages` (each with its exact version) under `node_modules`; installed once.

    Skips the test where they cannot be fetched; in CI that is a failure, as for `resumes`. Scripts of packages are
    not run, and no lock file is written: it would name the registry.
    """
    folder = _CACHE / "+".join(sorted(packages)).replace("/", "-")
    if not (folder / "node_modules" / ".done").exists() and (reason := _install(packages, folder)):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return folder


def node() -> str:
    """The program that runs JavaScript: the system's, else that of the development dependencies."""
    return _program("node") or "node"


def _program(name: str) -> str | None:
    return which(name) or which(name, path=str(Path(sys.executable).parent))


def _install(packages: tuple[str, ...], folder: Path) -> str | None:
    """Why they could not be installed, if so."""
    npm = _program("npm")
    if npm is None:
        return "npm is not installed"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}')
    command = [npm, "install", *packages, "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
    environ = os.environ | {"PATH": f"{os.environ['PATH']}:{Path(sys.executable).parent}"}
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=180, check=False
    )
    if done.returncode:
        return f"npm could not install {' '.join(packages)}: {done.stderr}"
    (folder / "node_modules" / ".done").touch()
    return None


def _is_resume(name: str) -> bool:
    return name.endswith(".json") and "resume" in name.rsplit("/", 1)[1]


def _fetch(package: str, folder: Path) -> str | None:
    """Why it could not be fetched, if so."""
    if which("npm") is None:
        return "npm is not installed; services/api/tests/documents has the same features"
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", package, "--silent", "--pack-destination", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return f"npm could not fetch {package}: {done.stderr}" if done.returncode else None
