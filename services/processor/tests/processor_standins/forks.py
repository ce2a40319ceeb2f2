"""The processor as processes that can be killed, forked from one that has imported it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from common.testing.processes import Process


class Zygote:
    """Runs `zygote.py` for as long as it is open."""

    def __init__(self) -> None:
        program = str(Path(__file__).with_name("zygote.py"))
        environ = {"PATH": os.environ["PATH"]} | {
            name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ
        }
        self._process = subprocess.Popen([sys.executable, "-P", program], stdin=subprocess.PIPE, env=environ)

    def fork(self, arguments: list[str], environ: Mapping[str, str], log: Path) -> "Child":
        for ending in (".pid", ".code"):
            Path(f"{log}{ending}").unlink(missing_ok=True)
        told = {"arguments": arguments, "environ": dict(environ), "log": str(log)}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told).encode() + b"\n")
        self._process.stdin.flush()
        return Child(log)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class Child:
    """What `Process` needs of a `Popen`, of a process that is somebody else's child."""

    def __init__(self, log: Path) -> None:
        self._pid, self._code = Path(f"{log}.pid"), Path(f"{log}.code")
        self._told("pid", self._pid.exists, within=30.0)
        self.pid = int(self._pid.read_text())

    def _told(self, what: str, is_told: Callable[[], bool], *, within: float) -> None:
        end = time.monotonic() + within
        while not is_told():
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(what, within)
            time.sleep(0.005)

    def poll(self) -> int | None:
        return int(self._code.read_text()) if self._code.exists() else None

    def wait(self, timeout: float = 60.0) -> int:
        self._told("exit", self._code.exists, within=timeout)
        return int(self._code.read_text())

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Forked(Process):
    """A `Process` that begins as a fork of the zygote."""

    def __init__(
        self, zygote: Zygote, arguments: list[str], *, ready: Callable[[], bool], env: Mapping[str, str]
    ) -> None:
        super().__init__([sys.executable, *arguments], ready=ready, env=env)
        self._zygote, self._environ = zygote, env

    def launch(self) -> None:
        self._child = self._zygote.fork(self._command[1:], self._environ, self.log)  # type: ignore[assignment] # all that is used
