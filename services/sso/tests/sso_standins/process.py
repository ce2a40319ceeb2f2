"""The SSO as a process of its own, as operators run it."""

import asyncio
import subprocess
import sys

import httpx
import msgspec

from common.testing.processes import Process


class Running(msgspec.Struct):
    client: httpx.AsyncClient
    environ: dict[str, str]
    process: Process

    async def command(self, *arguments: str) -> tuple[int, str]:
        """The exit code and output of `python -m sso …`."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sso",
            *arguments,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await child.communicate()
        return child.returncode or 0, output.decode()
