"""The lock on a process that renders what a stranger wrote: from then on it reads a few folders, and does nothing else.

Three parts of Linux, each of which would do for most of it. None needs a privilege, and none can be undone. The caller
starts its threads afterwards, for the first two bind only the thread that asks and those that it starts.
"""

import ctypes
import resource
from collections.abc import Sequence
from pathlib import Path

from processor.rendering.lockdown import landlock, seccomp

_PR_SET_NO_NEW_PRIVS = 38
_MOST_FILES = 128


class LockdownUnavailable(Exception):
    """This system cannot lock a process down. The message says what is missing."""


def lock_down(*, readable: Sequence[Path], writable: Sequence[Path] = (), memory: int) -> None:
    """Lock this process: files only below `readable` (and `writable`), no network, no programs, at most `memory` bytes.

    Raises LockdownUnavailable, possibly with some of it done: the process must end then.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise _unavailable("privileges cannot be given up")
    try:
        landlock.restrict(libc, readable=readable, writable=writable)
        seccomp.restrict(libc)
    except OSError as error:
        raise _unavailable(f"{error.filename or 'the kernel'}: {error.strerror}") from error
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_FILES, _MOST_FILES))


def _unavailable(what: str) -> LockdownUnavailable:
    return LockdownUnavailable(f"Templates of strangers need Linux with Landlock and seccomp ({what}).")
