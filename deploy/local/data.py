"""The data folder (`RESUMAX_DATA`, `.data` unless told otherwise): one stack's whole state, and who runs it."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local.install import ROOT

LEAST_FREE = 256 << 20
"""Bytes that must be free to start: what a broker's and a database's files need before a résumé is stored."""

MARKER = ".resumax"
TESTS_CACHE = "npm"
"""What the tests may have put into the default folder before there was a stack (common/testing/npm.py)."""


class StackError(Exception):
    """What a person is told instead of a traceback."""


class AlreadyRunning(StackError):
    """Another supervisor holds this data folder."""


class DataFolder:
    """Opened with `create` to run a stack; without it to look at one that may not be there."""

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.abspath(path))

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def mail(self) -> Path:
        return self.path / "mail"

    @property
    def env_file(self) -> Path:
        return self.path / "env"

    @property
    def run_file(self) -> Path:
        return self.path / "run.json"

    def create(self) -> None:
        """Make the folder ours, or say why not: someone else's files, no right to write, no room."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not self.is_ours():
                if any(found.name != TESTS_CACHE for found in self.path.iterdir()):
                    raise StackError(
                        f"{self.path} holds files of something else; name another folder: RESUMAX_DATA=..."
                    )
                self.path.chmod(0o700)
                (self.path / MARKER).write_text(
                    "State of a local resuMAX stack; `make reset` deletes this folder.\n"
                )
            for name in ("db", "logs", "mail", "nats", "s3", "gateway"):
                (self.path / name).mkdir(exist_ok=True)
            free = shutil.disk_usage(self.path).free
        except OSError as error:
            raise StackError(f"Cannot write to {self.path}: {error.strerror or error}") from error
        if free < LEAST_FREE:
            raise StackError(
                f"The disk of {self.path} has {free >> 20} MB left and resuMAX needs {LEAST_FREE >> 20} MB: "
                "free some, or name a folder on another disk: RESUMAX_DATA=..."
            )

    def is_ours(self) -> bool:
        return (self.path / MARKER).is_file()

    def hold(self) -> None:
        """Become the one supervisor of this folder until the process ends, however it ends."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for _ in range(5):  # whoever looks whether a stack runs holds the lock for a moment
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.02)
            else:
                os.truncate(descriptor, 0)
                os.write(descriptor, str(os.getpid()).encode())
                return  # the descriptor stays open, and with it the lock
        os.close(descriptor)
        raise AlreadyRunning(f"resuMAX is already running on {self.path}")

    def supervisor(self) -> int | None:
        """The pid of the supervisor that runs now. The lock tells, for a pid in a file may outlive its process."""
        try:
            with open(self.path / "lock") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return int((self.path / "lock").read_text() or 0)
        return None

    def write_run(self, run: dict[str, Any]) -> None:
        """Replace run.json whole, so that whoever reads it never sees half of it."""
        write_whole(self.run_file, json.dumps(run, indent=2) + "\n")

    def read_run(self) -> dict[str, Any]:
        try:
            run: dict[str, Any] = json.loads(self.run_file.read_text())
        except (OSError, ValueError):
            return {}
        return run


def chosen(environ: Mapping[str, str]) -> DataFolder:
    """The folder that `RESUMAX_DATA` names, from the repository on if it is not absolute."""
    return DataFolder(ROOT / Path(environ.get("RESUMAX_DATA") or ".data").expanduser())


def write_whole(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write a file so that it has either the old content or the new, and never wider permissions than `mode`."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(text)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log, for a person to read."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(it wrote no log)"
