"""Runs the supervisor as `make up` does, with a Procfile of the test's own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
STANDIN = f"{sys.executable} {Path(__file__).with_name('standin.py')}"


class Stack:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.procfile = data.with_name("Procfile")
        self._foreground: list[subprocess.Popen[str]] = []

    def components(self, *names: str, **commands: str) -> None:
        """Stand-ins by name, and other components by command."""
        lines = {name: f"{STANDIN} {name}" for name in names} | commands
        self.procfile.write_text("".join(f"{name}: {command}\n" for name, command in lines.items()))

    def run(self, command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(command), cwd=ROOT, env=self._environ(environ), capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip

    def up(self, **environ: str) -> subprocess.CompletedProcess[str]:
        return self.run("up", DETACH="1", **environ)

    def foreground(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self._command("up"), cwd=ROOT, env=self._environ({}), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._foreground.append(process)
        return process

    @staticmethod
    def read_until(process: subprocess.Popen[str], text: str) -> None:
        assert process.stdout
        for line in process.stdout:
            if text in line:
                return
        raise AssertionError(f"it never said {text!r}")

    @property
    def run_json(self) -> dict[str, Any]:
        run: dict[str, Any] = json.loads((self.data / "run.json").read_text())
        return run

    def pid(self, name: str) -> int | None:
        pid: int | None = self.run_json["pids"].get(name)
        return pid

    @property
    def order(self) -> list[str]:
        return (self.data / "order").read_text().splitlines()

    def end(self) -> None:
        if self.data.exists():
            self.run("down")
        for process in self._foreground:
            process.communicate(timeout=30)

    def _command(self, command: str) -> list[str]:
        return [sys.executable, "-m", "deploy.local", command, f"--procfile={self.procfile}"]

    def _environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {**os.environ, "RESUMAX_DATA": str(self.data), "PORT": str(self.port), **environ}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(holds: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def kill(pid: int | None) -> None:
    assert pid
    os.kill(pid, signal.SIGKILL)
