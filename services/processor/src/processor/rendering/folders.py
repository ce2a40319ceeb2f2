"""Folders of a process on the disk, which another removes if it could not do so itself.

That a folder is in use is told by a lock (`flock`) on a file in it, which goes with the process however that ends. The id of
the process would not tell: in a container it is the same after each restart.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

_LOCK = ".lock"
_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK
_UNLOCKED_FOR = 3600.0
"""Seconds after which a folder without a lock is nobody's: who made it, or was removing it, was killed in the middle."""


class OwnFolder:
    """A new folder among the system's temporary ones, this process's until `remove`."""

    def __init__(self, prefix: str) -> None:
        self._closing = threading.Lock()
        self.path, self._lock = _made(prefix)
        while not (self.path / _LOCK).exists():  # a sweep came before the lock, and took it for nobody's
            os.close(self._lock)
            self.path, self._lock = _made(prefix)

    def remove(self) -> None:
        """Remove it with all that is in it; twice is the same as once. Blocks."""
        shutil.rmtree(self.path, ignore_errors=True)
        with self._closing:
            if self._lock >= 0:
                os.close(self._lock)
                self._lock = -1


def _made(prefix: str) -> tuple[Path, int]:
    path = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-"))
    lock = os.open(path / _LOCK, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return path, lock


def sweep(prefix: str) -> None:
    """Remove the folders of this kind that belong to nobody any more. Blocks."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):  # it is somebody's, or was removed by somebody else
            try:
                lock = os.open(folder / _LOCK, _FLAGS)
            except FileNotFoundError:
                if time.time() - folder.stat().st_mtime > _UNLOCKED_FOR:
                    shutil.rmtree(folder, ignore_errors=True)
                continue
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
