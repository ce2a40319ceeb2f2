"""The stack: started in order, kept running, written down in run.json, stopped in the reverse order."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local import oneshot, schema
from deploy.local.child import Child
from deploy.local.console import Console, LogFile
from deploy.local.data import DataFolder, StackError, tail
from deploy.local.install import ROOT
from deploy.local.readiness import is_ready
from deploy.local.settings import SERVICES

FOUNDATION, LAST = ("nats", "s3", "desk"), ("gateway",)
"""What the services stand on, and what stands before them; everything else in the Procfile is a service."""

GRACE = {"nats": 5.0, "s3": 8.0, "desk": 3.0, "gateway": 5.0}
SERVICE_GRACE = 25.0
"""Seconds between SIGTERM and SIGKILL; a service finishes what it has taken on (RELIABILITY 13)."""

START_TIMEOUT = 60.0
DEATHS_TO_GIVE_UP = 5
RUN_RETRY = 5.0


class Supervisor:
    """Runs the Procfile's components on one data folder."""

    def __init__(
        self, data: DataFolder, settings: Mapping[str, str], procfile: Mapping[str, str], console: Console
    ) -> None:
        self._data = data
        self._settings = settings
        self._console = console
        self._children = {name: self._child(name, command) for name, command in procfile.items()}
        self._staff_account = ""

    async def run(self) -> None:
        """Start everything, keep it running until SIGTERM, SIGINT or SIGHUP, then stop everything.

        Raises StackError when the start fails; everything is stopped then too.
        """
        asked = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal, asked)
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(asked.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.is_set():
                starting.result()  # raises what went wrong
                self._say_ready()
                await stopping
            self._console.say("Stopping ...")
        finally:
            starting.cancel()
            stopping.cancel()
            await asyncio.gather(starting, stopping, return_exceptions=True)
            await self._stop()

    def _child(self, name: str, command: str) -> Child:
        return Child(
            name, command, environ=self._settings, directory=ROOT, console=self._console,
            log=LogFile(self._data.logs / f"{name}.log"), changed=self._write_run,
        )  # fmt: skip

    def _on_signal(self, asked: asyncio.Event) -> None:
        if asked.is_set():  # asked twice: whoever it is does not want to wait
            for child in self._children.values():
                child.kill()
        asked.set()

    async def _start(self) -> None:
        try:
            async with asyncio.timeout(START_TIMEOUT):
                for stage in (FOUNDATION, self._services(), LAST):
                    await _all(
                        self._bring_up(self._children[name]) for name in stage if name in self._children
                    )
        except TimeoutError:
            raise StackError(await self._what_is_missing()) from None

    def _services(self) -> list[str]:
        return [name for name in self._children if name not in (*FOUNDATION, *LAST)]

    async def _bring_up(self, child: Child) -> None:
        """Migrate it if it is a service, start it, and wait until it can be used."""
        clock = asyncio.get_running_loop().time
        if child.name in SERVICES and child.command == f"python -m {child.name} serve":
            await self._migrate(child.name)
        began = clock()
        await child.start()
        while not await is_ready(child.name, self._settings):
            if child.deaths >= DEATHS_TO_GIVE_UP:
                raise StackError(
                    f"{child.name} does not start. The end of {child.log.path}:\n{tail(child.log.path)}"
                )
            await asyncio.sleep(0.05)
        self._console.say(f"  {child.name:<10} ready in {clock() - began:.1f} s")

    async def _migrate(self, service: str) -> None:
        if schema.is_due(service, self._settings, self._data):
            await oneshot.migrate(service, self._settings, self._data)
            if service == "sso":
                self._staff_account = await oneshot.seed(self._settings, self._data)
            schema.mark(service, self._settings, self._data)

    async def _what_is_missing(self) -> str:
        answers = {name: await is_ready(name, self._settings) for name in self._children}
        missing = [name for name, ready in answers.items() if not ready]
        log = self._data.logs / f"{(missing or ['supervisor'])[0]}.log"
        return f"Not ready after {START_TIMEOUT:.0f} s: {', '.join(missing)}. The end of {log}:\n{tail(log)}"

    async def _stop(self) -> None:
        for stage in (LAST, self._services(), FOUNDATION):
            children = [self._children[name] for name in stage if name in self._children]
            await _all(child.stop(GRACE.get(child.name, SERVICE_GRACE)) for child in children)
        self._data.run_file.unlink(missing_ok=True)
        if self._staff_account:  # the start failed, yet the password is shown only once
            self._console.say(self._staff_account, keep=False)
        self._console.say("Stopped.")

    def _say_ready(self) -> None:
        address = self._settings["RESUMAX_PUBLIC_URL"]
        self._console.say(
            f"\nresuMAX is ready: {address}\n"
            f"  docs   {address}/auth/docs  /api/v1/docs  /account/v1/docs  /admin/v1/docs  /render/v1/docs\n"
            f"  mail   {address}/mail/  ({self._data.mail})\n"
            f"  logs   make logs  ({self._data.logs})\n"
            f"  stop   make down"
        )
        if self._staff_account:
            self._console.say(f"\n{self._staff_account}", keep=False)
            self._staff_account = ""
        self._console.leave()

    def _write_run(self) -> None:
        try:
            self._data.write_run(self._describe())
        except OSError as error:
            self._console.say(f"Cannot write {self._data.run_file}: {error.strerror}; trying again")
            asyncio.get_running_loop().call_later(RUN_RETRY, self._write_run)

    def _describe(self) -> dict[str, Any]:
        settings = self._settings
        pids = {name: child.pid for name, child in self._children.items() if child.pid}
        return {
            "gateway": f"http://localhost:{settings['PORT']}",
            "services": {name: f"http://127.0.0.1:{settings[f'{name.upper()}_PORT']}" for name in SERVICES},
            "nats": f"nats://127.0.0.1:{settings['NATS_PORT']}",
            "s3": f"http://127.0.0.1:{settings['S3_PORT']}",
            "smtp": f"smtp://127.0.0.1:{settings['SMTP_PORT']}",
            "mail": str(self._data.mail),
            "pids": {"supervisor": os.getpid(), **pids},
        }


async def _all(coroutines: Any) -> None:
    """Run them side by side; the first failure ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for coroutine in coroutines:
                group.create_task(coroutine)
    except* StackError as errors:
        raise errors.exceptions[0] from None


def read_procfile(path: Path) -> dict[str, str]:
    """Component → command, from lines of `name: command`."""
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split(":", 1) for line in lines if line and not line.startswith("#"))
    return {name.strip(): command.strip() for name, command in pairs}


def main(data: DataFolder, settings: Mapping[str, str], procfile: Path, console: Console) -> None:
    asyncio.run(Supervisor(data, settings, read_procfile(procfile), console).run())
