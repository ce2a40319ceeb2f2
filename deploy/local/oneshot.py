"""Commands of the services that run once and end: migrations and the first staff account."""

import asyncio
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from contextlib import suppress

from deploy.local.console import LogFile
from deploy.local.data import DataFolder, StackError, tail
from deploy.local.install import PYTHON, ROOT


async def migrate(service: str, settings: Mapping[str, str], data: DataFolder) -> None:
    """Bring the service's database to the schema of this release."""
    await _run(
        [service, "migrate"], settings, LogFile(data.logs / f"migrate-{service}.log"), keep_output=True
    )


async def seed(settings: Mapping[str, str], data: DataFolder, *, reset: bool = False) -> str:
    """Make the first staff account, or give it a new password. Returns what it says: the password, which no log gets."""
    command = ["sso", "seed", *(["--reset"] if reset else [])]
    return await _run(command, settings, LogFile(data.logs / "seed.log"), keep_output=False)


async def _run(command: list[str], settings: Mapping[str, str], log: LogFile, *, keep_output: bool) -> str:
    process = await asyncio.create_subprocess_exec(
        str(PYTHON), "-m", *command,
        cwd=ROOT, env=settings, start_new_session=True, stdin=DEVNULL, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    try:
        output, errors = await process.communicate()
    finally:
        if process.returncode is None:  # cancelled: the start was given up
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await process.wait()
    log.append(output + errors if keep_output else errors)
    if process.returncode:
        raise StackError(f"`{' '.join(command)}` failed. The end of {log.path}:\n{tail(log.path)}")
    return output.decode(errors="replace").strip()
