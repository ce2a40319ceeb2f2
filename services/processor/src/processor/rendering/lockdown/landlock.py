"""Landlock: no file but those below named folders, no TCP, no signals to others, no abstract sockets.

https://docs.kernel.org/userspace-api/landlock.html; Linux 5.13 knows files, 6.7 TCP, 6.12 signals and sockets.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from processor.rendering.lockdown import errors

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # on every architecture
_PATH_BENEATH, _ASK_VERSION = 1, 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_ALL_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many rights on files there are since a version of the interface."""
_TCP, _TCP_SINCE = 0b11, 4
_SCOPES, _SCOPES_SINCE = 0b11, 6


def restrict(libc: ctypes.CDLL, *, readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Raises OSError."""
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        raise errors.failed("Landlock")
    rights = (1 << max(bits for since, bits in _ALL_RIGHTS.items() if since <= version)) - 1
    handled = [rights]
    handled += [_TCP] if version >= _TCP_SINCE else []
    handled += [_SCOPES] if version >= _SCOPES_SINCE else []
    wanted = struct.pack(f"={len(handled)}Q", *handled)
    ruleset = libc.syscall(_CREATE_RULESET, wanted, ctypes.c_size_t(len(wanted)), 0)
    if ruleset < 0:
        raise errors.failed("Landlock")
    try:
        for path in readable:
            _allow(libc, ruleset, path, _READ_FILE | _READ_DIR)
        for path in writable:
            _allow(libc, ruleset, path, rights)
        if libc.syscall(_RESTRICT_SELF, ruleset, 0):
            raise errors.failed("Landlock")
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    if not path.is_dir():
        rights &= _READ_FILE
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, opened)
        if libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0):
            raise errors.failed("Landlock")
    finally:
        os.close(opened)
