"""What the kernel says when it refuses."""

import ctypes
import errno
import os


def failed(part: str) -> OSError:
    """The error of the system call that has just failed, named for the part of the kernel that was asked."""
    number = ctypes.get_errno() or errno.ENOSYS
    return OSError(number, os.strerror(number), part)
