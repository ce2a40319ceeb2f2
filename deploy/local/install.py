"""The virtual environment: made once, brought up to date when the lock changes, then left alone.

Uses the standard library only, since it runs before anything is installed.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
LOCK = ROOT / "requirements.lock"

STOPPING = {"down", "reset", "logs"}
"""They do with what is installed: new packages must not come under the feet of what still runs."""

PIP = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "install"]


def main(arguments: list[str]) -> None:
    """`bootstrap.py install` prepares .venv; any other command is then run by its Python, in this process's place."""
    try:
        if not (STAMP.exists() and set(arguments) <= STOPPING):
            if arguments == ["up"] and not _is_current(_fingerprint()):
                _check_port()
            ensure_installed()
    except InstallError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped; run it again to go on.")
    if arguments != ["install"]:
        os.chdir(ROOT)
        os.execv(PYTHON, [str(PYTHON), "-m", "deploy.local", *arguments])  # noqa: S606 (our own interpreter)


class InstallError(Exception):
    """The environment could not be prepared; the message says why and what to do."""


def ensure_installed() -> None:
    """Install what the lock names, once for each state of the lock, whoever asks at the same time."""
    wanted = _fingerprint()
    if _is_current(wanted):
        return
    with _only_one():
        if _is_current(wanted):  # another one did it while this one waited
            return
        STAMP.unlink(missing_ok=True)
        if not PYTHON.exists():  # also when the Python that it was made from is gone
            _run(
                [sys.executable, "-m", "venv", "--clear", str(VENV)],
                "creating .venv (Debian: apt install python3-venv)",
            )
        print("Installing the packages into .venv (once; about half a minute) ...", flush=True)
        _run([*PIP, "--require-hashes", "--requirement", str(LOCK)], "installing requirements.lock")
        if editable := [f"--editable={package}" for package in packages()]:
            _run([*PIP, "--no-build-isolation", "--no-deps", *editable], "installing the services")
        STAMP.write_text(wanted)


def _check_port() -> None:
    """Refuse a gateway's port that is taken now, not after half a minute of installing."""
    from deploy.local.data import StackError, chosen
    from deploy.local.ports import Ports

    try:
        if chosen(os.environ).supervisor() is None:  # else it is the stack itself that listens there
            Ports().gateway(os.environ.get("PORT", ""))
    except StackError as error:
        raise InstallError(str(error)) from error


def packages() -> list[Path]:
    """The folders of resuMAX's own packages."""
    return sorted(
        path.parent for pattern in ("libs", "services") for path in ROOT.glob(f"{pattern}/*/pyproject.toml")
    )


def _fingerprint() -> str:
    """What .venv depends on. The place counts too: neither a virtual environment nor an editable install can move."""
    digest = hashlib.sha256(str(ROOT).encode())
    for path in [LOCK, ROOT / "pyproject.toml", *(package / "pyproject.toml" for package in packages())]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_current(wanted: str) -> bool:
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold a lock on .venv, so that `make up` and `make test` side by side do not both install into it."""
    with open(LOCK) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: list[str], doing: str) -> None:
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        said = (result.stderr.strip() or result.stdout.strip() or "no output").splitlines()
        reason = next(
            (number for number, line in enumerate(said) if line.startswith("ERROR")), max(len(said) - 5, 0)
        )
        raise InstallError("\n".join([f"Failed while {doing}:", *said[reason : reason + 5]]))
