"""Whether a component can be used yet."""

import asyncio
from collections.abc import Mapping

from deploy.local.settings import SERVICES

TIMEOUT = 2.0
"""Seconds for one answer."""


async def is_ready(name: str, settings: Mapping[str, str]) -> bool:
    """Ask component `name` once. One that is not known here is ready as soon as it runs."""
    try:
        async with asyncio.timeout(TIMEOUT):
            if name == "nats":
                return b'"jetstream":true' in await _first_line(int(settings["NATS_PORT"]))
            address = _address(name, settings)
            return address is None or await _status(*address) == 200
    except (OSError, EOFError, TimeoutError, ValueError):
        return False


def _address(name: str, settings: Mapping[str, str]) -> tuple[int, str] | None:
    if name in SERVICES:
        return int(settings[f"{name.upper()}_PORT"]), "/readyz"
    return {
        "s3": (int(settings["S3_PORT"]), "/status"),
        "desk": (int(settings["DESK_PORT"]), "/healthz"),
        "gateway": (int(settings["PORT"]), "/"),
    }.get(name)


async def _status(port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        return int((await reader.readline()).split(b" ")[1])
    except IndexError:
        raise EOFError from None
    finally:
        writer.close()


async def _first_line(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await reader.readline()
    finally:
        writer.close()
