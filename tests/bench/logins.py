"""A crowd that signs in, on raw sockets, so that the generator leaves the cores to the service."""

import asyncio
import time
from collections.abc import Iterable

import msgspec

PASSWORD = "correct horse battery staple"


def post(path: str, body: dict[str, str], *, ip: str) -> bytes:
    """The bytes of a request by somebody at `ip`."""
    content = msgspec.json.encode(body)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {ip}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def get(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def address(n: int) -> str:
    """The address of the `n`th of them."""
    return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


class Connection:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> "Connection":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._writer.close()

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return int(head[9:12]), await self._reader.readexactly(int(length.split(b":")[1]))


async def crowd(port: int, requests: Iterable[bytes], *, at_once: int) -> dict[int, int]:
    """Send all `requests` over `at_once` connections: how many answers there were of each status."""
    waiting, statuses = iter(requests), dict[int, int]()

    async def one() -> None:
        async with Connection(port) as connection:
            for request in waiting:
                status, _ = await connection.send(request)
                statuses[status] = statuses.get(status, 0) + 1

    await asyncio.gather(*(one() for _ in range(at_once)))
    return statuses


async def latencies(port: int, request: bytes, *, until: asyncio.Event, every: float) -> list[float]:
    """Seconds that each answer to `request` took, asked `every` so many seconds until it is enough."""
    took = []
    async with Connection(port) as connection:
        while not until.is_set():
            started = time.perf_counter()
            status, _ = await connection.send(request)
            took.append(time.perf_counter() - started)
            assert status == 200, status
            await asyncio.sleep(every)
    return took
