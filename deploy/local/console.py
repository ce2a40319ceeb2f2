"""What a person sees: progress, and the components' output under coloured names. Never in the way of the stack:
a terminal or a pipe that is gone is forgotten."""

import os
from datetime import datetime
from pathlib import Path
from typing import TextIO

COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
READY = "\x04"
"""The line that ends a report: everything is ready. A report that ends without it is of a start that failed."""

QUIET = {"nats", "s3"}
"""They report every detail of their own business; it goes to their log files alone."""


class Console:
    """Writes progress to `stream` and to the supervisor's log; the components' lines to `stream` if `follow`."""

    def __init__(self, stream: TextIO | None, log: Path | None = None, *, follow: bool = False) -> None:
        self._stream = stream
        self._log = log
        self._follow = follow
        self._colour = bool(stream and stream.isatty() and "NO_COLOR" not in os.environ)
        self._names: list[str] = []

    def say(self, text: str = "", *, keep: bool = True) -> None:
        """Tell the person who waits, and, unless it is a secret (`keep=False`), the supervisor's log."""
        self._write(text)
        if self._log and keep:
            try:
                with open(self._log, "a") as file:
                    file.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {text}\n")
            except OSError:
                pass  # a full disk must not stop the stack from being supervised

    def output(self, name: str, line: str) -> None:
        """One line of a component."""
        if self._follow and name not in QUIET:
            self._write(f"{self._name(name)} | {line}")

    def leave(self) -> None:
        """The start is over: whoever only waited for it is told so, and nothing more."""
        if not self._follow:
            self._write(READY)
            self._stream = None

    def _name(self, name: str) -> str:
        if name not in self._names:
            self._names.append(name)
        padded = f"{name:<9}"
        if not self._colour:
            return padded
        return f"\033[{COLOURS[self._names.index(name) % len(COLOURS)]}m{padded}\033[0m"

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except OSError:
            self._stream = None


class LogFile:
    """One component's log: appended to, and set aside once as `<name>.log.1` when it grows beyond `limit` bytes."""

    def __init__(self, path: Path, limit: int = 20 << 20) -> None:
        self.path = path
        self._limit = limit

    def append(self, data: bytes) -> None:
        try:
            if self.path.exists() and self.path.stat().st_size > self._limit:
                self.path.replace(self.path.with_name(self.path.name + ".1"))
            with open(self.path, "ab") as file:
                file.write(data)
        except OSError:
            pass  # as above: a line is lost, the component goes on
