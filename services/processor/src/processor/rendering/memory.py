"""What rendering takes of memory, and leaves behind in it."""

import contextlib
import ctypes
import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(pid: int | None = None) -> int:
    """The memory that a process uses, this one if none is named, in bytes; 0 where that cannot be seen."""
    try:
        return int(Path(f"/proc/{pid or 'self'}/statm").read_bytes().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def give_back_memory() -> None:
    """Return to the system what was freed: after a peak, glibc keeps it. Does nothing where there is no glibc."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
