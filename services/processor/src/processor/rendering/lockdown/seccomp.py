"""A seccomp filter: system calls that a renderer has no use for fail with EPERM, and those at other processes.

The filter is a program for the kernel's classic BPF machine (https://docs.kernel.org/userspace-api/seccomp_filter.html):
it loads a word of the call's description (`struct seccomp_data`), compares, jumps and returns. New threads are let
through, new processes are not.
"""

import ctypes
import errno
import os
import platform
import struct

from processor.rendering.lockdown import errors

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000
"""From here on x86-64 has all calls a second time, by the rules of x32."""

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""The kernel's name for each, and its column below."""
_CLONE = (56, 220)
_CLONE3 = 435
_REFUSED = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "bind": (49, 200),
    "listen": (50, 201),
    "connect": (42, 203),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "process_madvise": (440, 440),
}
_ITS_OWN = {"kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261)}
"""What it may do to itself alone: to abort, and to look at its limits. Their first argument says to whom."""
_MYSELF_TOO = {"prlimit64"}
"""Where 0 stands for the caller; for `kill` it is the whole group, with the service in it."""


def restrict(libc: ctypes.CDLL) -> None:
    """Raises OSError, also on an architecture that is not known here."""
    code = program(platform.machine(), own=os.getpid())
    instructions = ctypes.create_string_buffer(code, len(code))
    described = struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions))
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, described, 0, 0):
        raise errors.failed("seccomp")


def program(machine: str, *, own: int) -> bytes:
    """The filter for an architecture, as `uname -m` calls it, and the process whose id is `own`."""
    if machine not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"nothing is known of {machine}", "seccomp")
    architecture, column = _ARCHITECTURES[machine]
    refuse = _instruction(_RETURN, _ERROR | errno.EPERM)
    code = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_JUMP_EQUAL, architecture, then=1),
        _instruction(_RETURN, _KILL),  # a call by the rules of another architecture has other numbers
        _instruction(_LOAD, _NUMBER),
        _instruction(_JUMP_AT_LEAST, _X32, otherwise=1),
        refuse,
    ]
    for numbers in _REFUSED.values():
        if (number := numbers[column]) is not None:
            code += [_instruction(_JUMP_EQUAL, number, otherwise=1), refuse]
    for name, numbers in _ITS_OWN.items():
        themselves = [own, 0] if name in _MYSELF_TOO else [own]
        code += _only_at(numbers[column], themselves, refuse)
    # The C library asks for a thread with clone3, whose flags no filter can see, and with clone where there is none.
    code += [_instruction(_JUMP_EQUAL, _CLONE3, otherwise=1), _instruction(_RETURN, _ERROR | errno.ENOSYS)]
    code += [
        _instruction(_JUMP_EQUAL, _CLONE[column], otherwise=3),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        _instruction(_JUMP_SET, _CLONE_THREAD, then=1),
        refuse,
        _instruction(_RETURN, _ALLOW),
    ]
    return b"".join(code)


def _only_at(number: int, processes: list[int], refuse: bytes) -> list[bytes]:
    """Let the call `number` through where its first argument is one of `processes`, whatever its other arguments."""
    compared = [
        _instruction(_JUMP_EQUAL, process, then=len(processes) - place)
        for place, process in enumerate(processes)
    ]
    decided = [*compared, refuse, _instruction(_RETURN, _ALLOW)]
    return [
        _instruction(_JUMP_EQUAL, number, otherwise=1 + len(decided)),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        *decided,
    ]


def _instruction(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One `struct sock_filter`: `then` and `otherwise` are how many instructions a comparison skips."""
    return struct.pack("=HBBI", code, then, otherwise, value)
