"""A load generator on raw sockets, and what a request costs the server in CPU time.

Throughput on a machine that also runs the generator says as much about the generator. CPU time per request of the
server's process does not: ratios of it hold on a busy machine too.
"""

import asyncio
import time
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Load:
    """What a run came to: requests a second as the generator saw them, CPU microseconds a request in the server."""

    per_second: float
    cpu_us: float


async def load(
    pid: int, port: int, path: str, headers: dict[str, str], *, seconds: float = 3.0, warm: float = 0.3
) -> Load:
    """GET `path` over 8 kept-alive connections for `seconds`, after `warm` over one; every answer must be a 200."""
    request = "".join(
        [
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n",
            *(f"{k}: {v}\r\n" for k, v in headers.items()),
            "\r\n",
        ]
    )
    server = psutil.Process(pid)
    await _connection(port, request.encode(), time.monotonic() + warm)
    before, started = sum(server.cpu_times()[:2]), time.monotonic()
    counts = await asyncio.gather(*(_connection(port, request.encode(), started + seconds) for _ in range(8)))
    elapsed, cpu = time.monotonic() - started, sum(server.cpu_times()[:2]) - before
    return Load(sum(counts) / elapsed, cpu / sum(counts) * 1e6)


async def _connection(port: int, request: bytes, end: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    try:
        while time.monotonic() < end:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            count += 1
    finally:
        writer.close()
    return count
