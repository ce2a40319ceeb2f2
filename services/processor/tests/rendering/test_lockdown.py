"""A process that is locked down can read what it was given, and do nothing else. Each is tried in a child of its own."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from processor.rendering.lockdown import seccomp

LOCKED = """
import os, socket, sys, threading
from pathlib import Path
from processor.rendering.lockdown import lock_down
{before}
lock_down(readable=[Path(sys.argv[1])], memory=2 << 30)
try:
    {action}
except (OSError, MemoryError) as error:
    print(type(error).__name__)
else:
    print("done")
"""


def tried(action: str, folder: Path, before: str = "pass") -> str:
    script = LOCKED.format(action=action, before=before)
    command = [sys.executable, "-c", script, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("assert Path(sys.argv[1], 'given').read_text() == 'given'", "done"),
        ("threading.Thread(target=print, args=('',)).start()", "done"),
        ("Path('/etc/passwd').read_text()", "PermissionError"),
        ("Path(sys.argv[1], '..', 'passwd').read_text()", "PermissionError"),
        ("Path(sys.argv[1], 'link').read_text()", "PermissionError"),
        ("os.listdir('/')", "PermissionError"),
        ("Path(sys.argv[1], 'new').write_text('x')", "PermissionError"),
        ("os.remove(Path(sys.argv[1], 'given'))", "PermissionError"),
        ("socket.socket()", "PermissionError"),
        ("socket.socket(socket.AF_UNIX)", "PermissionError"),
        ("opened.connect(('127.0.0.1', 9))", "PermissionError"),
        ("os.execv(sys.executable, ['python', '-c', ''])", "PermissionError"),
        ("os.fork()", "PermissionError"),
        ("os.posix_spawn(sys.executable, ['python'], {})", "PermissionError"),
        ("os.kill(os.getppid(), 0)", "PermissionError"),
        ("bytearray(3 << 30)", "MemoryError"),
    ],
)
def test_a_locked_process_can_do_no_more_than_read_what_it_was_given(
    action: str, says: str, tmp_path: Path
) -> None:
    folder = tmp_path / "template"
    folder.mkdir()
    (folder / "given").write_text("given")
    (tmp_path / "passwd").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "passwd")
    assert tried(action, folder, before="opened = socket.socket()").split()[-1] == says


FILTERED = """
import ctypes, errno, os, resource, sys
from processor.rendering.lockdown import seccomp
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
seccomp.restrict(libc)
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")
for action in sys.argv[1:]:
    try:
        eval(action)
    except OSError as error:
        print(errno.errorcode[error.errno])
    else:
        print("done")
"""
NUMBERS = {"x86_64": (62, 234, 302), "aarch64": (129, 131, 261)}
KILL, TGKILL, PRLIMIT = NUMBERS.get(platform.machine(), (0, 0, 0))
X32 = 0x40000000
"""Calls by the rules of x32 begin here; others have none so high."""


def test_the_filter_by_itself_keeps_a_process_from_others_and_from_calls_by_other_rules() -> None:
    refused = (
        "os.kill(os.getppid(), 0)",
        "os.kill(0, 0)",
        "os.kill(-1, 0)",
        f"call({TGKILL}, os.getppid(), os.getppid(), 0)",
        "resource.prlimit(os.getppid(), resource.RLIMIT_CORE)",
        f"call({X32 + KILL}, os.getpid(), 0)",
        f"call({X32 + PRLIMIT}, 0, 0, 0, 0)",
    )
    allowed = (
        "os.kill(os.getpid(), 0)",
        f"call({TGKILL}, os.getpid(), os.getpid(), 0)",
        "resource.prlimit(os.getpid(), resource.RLIMIT_CORE)",
        "resource.getrlimit(resource.RLIMIT_CORE)",
    )
    command = [sys.executable, "-c", FILTERED, *refused, *allowed]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert ran.stdout.split() == ["EPERM"] * len(refused) + ["done"] * len(allowed)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_there_is_a_filter_for_each_architecture_that_has_images(machine: str) -> None:
    assert len(seccomp.program(machine, own=1)) % 8 == 0


def test_an_unknown_architecture_is_refused() -> None:
    with pytest.raises(OSError, match="sparc"):
        seccomp.program("sparc64", own=1)
