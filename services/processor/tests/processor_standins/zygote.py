"""A program that has imported the processor, and forks it as often as it is told: importing takes longer than most tests.

Each line of its input says what to run, with which environment, and the file of its output; beside that it writes the
process's id and, once it has ended, its exit code.
"""

import json
import os
import runpy
import signal
import sys
from pathlib import Path
from typing import Any

import processor.app  # noqa: F401 (this is what takes its time)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for them
    for line in iter(sys.stdin.buffer.readline, b""):
        wanted = json.loads(line)
        if not os.fork():
            watch(wanted)


def watch(wanted: dict[str, Any]) -> None:
    """Be the parent of the processor, and say how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if not pid:
        run(wanted)
    tell(Path(wanted["log"] + ".pid"), pid)
    _, status = os.waitpid(pid, 0)
    tell(Path(wanted["log"] + ".code"), os.waitstatus_to_exitcode(status))
    os._exit(0)


def tell(file: Path, number: int) -> None:
    """Whoever looks sees all of it or nothing."""
    written = file.with_suffix(".new")
    written.write_text(str(number))
    written.replace(file)


def run(wanted: dict[str, Any]) -> None:
    """What `python …arguments` does."""
    log = os.open(wanted["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    for descriptor, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
        os.dup2(source, descriptor)
    os.environ.clear()
    os.environ.update(wanted["environ"])
    how, what, *arguments = wanted["arguments"]
    sys.argv = [what if how == "-m" else how, *arguments]
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(what, {"__name__": "__main__"})
    sys.exit()


if __name__ == "__main__":
    main()
