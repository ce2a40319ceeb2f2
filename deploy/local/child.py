"""One component's process: started in a group of its own, read, started again when it dies, stopped in time."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from deploy.local.console import Console, LogFile

FIRST_DELAY, LONGEST_DELAY = 0.2, 5.0
"""Seconds before a dead component is started again: doubled each time, from the first again after it held out."""

HELD_OUT = 10.0
"""Seconds after which a component counts as up, so that its next death starts with a short delay."""


class Child:
    """`command` kept running as `name` until `stop`. `changed` is called whenever its pid changes."""

    def __init__(
        self,
        name: str,
        command: str,
        *,
        environ: Mapping[str, str],
        directory: Path,
        log: LogFile,
        console: Console,
        changed: Callable[[], None],
    ) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.deaths = 0
        self._environ = environ
        self._directory = directory
        self._console = console
        self._changed = changed
        self._process: Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        process = await self._spawn()
        self._task = asyncio.create_task(self._keep_running(process))

    async def stop(self, grace: float) -> None:
        """End it: SIGTERM, after `grace` seconds SIGKILL to its whole group."""
        self._stopping.set()
        if self._task is None:
            return
        self._signal(signal.SIGTERM)
        done, _ = await asyncio.wait({self._task}, timeout=grace)
        if not done:
            self.kill()
            await self._task

    def kill(self) -> None:
        if self._process:
            _kill_group(self._process.pid)

    async def _keep_running(self, process: Process) -> None:
        delay = FIRST_DELAY
        clock = asyncio.get_running_loop().time
        while True:
            started = clock()
            code = await self._finish(process)
            if self._stopping.is_set():
                return
            self.deaths += 1
            if clock() - started > HELD_OUT:
                delay = FIRST_DELAY
            self._console.say(f"{self.name} {_ending(code)}; starting it again in {delay:.1f} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)
                return
            delay = min(delay * 2, LONGEST_DELAY)
            process = await self._spawn()
            if self._stopping.is_set():  # asked to stop while it was being started
                self._signal(signal.SIGTERM)

    async def _spawn(self) -> Process:
        process = self._process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", f"exec {self.command}",
            cwd=self._directory, env=self._environ, start_new_session=True,
            stdin=DEVNULL, stdout=PIPE, stderr=STDOUT,
        )  # fmt: skip
        self._changed()
        return process

    async def _finish(self, process: Process) -> int:
        """Pass its output on until it ends; then end what it left of its group. Returns its exit code."""
        reading = asyncio.create_task(self._read(process.stdout or asyncio.StreamReader()))
        code = await process.wait()
        _kill_group(process.pid)
        await reading
        self._process = None
        self._changed()
        return code

    async def _read(self, output: asyncio.StreamReader) -> None:
        rest = b""
        while data := await output.read(1 << 16):
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > 1 << 16:
                lines, rest = [*lines, rest], b""
            self._pass_on(lines)
        self._pass_on([rest] if rest else [])

    def _pass_on(self, lines: list[bytes]) -> None:
        if lines:
            self.log.append(b"".join(line + b"\n" for line in lines))
        for line in lines:
            self._console.output(self.name, line.decode(errors="replace"))

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _ending(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
