"""What no client of good will sends, through the gateway."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from tests.e2e.stack import Stack

LIMIT = 1 << 20


def test_a_body_over_the_limit_is_413_however_it_comes(stack: Stack) -> None:
    def chunks(size: int) -> Iterator[bytes]:
        yield from (b"x" * 65536 for _ in range(size // 65536))

    for size in (LIMIT + 65536, 3 * LIMIT):
        for body in (b"x" * size, chunks(size)):
            with stack.client() as client:
                answer = client.post(
                    "/auth/login", content=body, headers={"Content-Type": "application/json"}
                )
            assert answer.status_code == 413
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "PAYLOAD_TOO_LARGE"


def test_what_stands_in_a_body_is_never_read_as_a_request(stack: Stack) -> None:
    hidden = b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\nX-Request-Id: hidden-request\r\nX-Pad: "
    block = hidden + b"p" * (4096 - len(hidden) - 4) + b"\r\n\r\n"
    body = block * (LIMIT // 4096 + 1)
    head = b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    for _ in range(10):
        with connected(stack) as wire:
            try:
                wire.sendall(head % len(body) + body)
            except ConnectionError:
                continue  # refused before its end
            answer = b""
            try:
                while received := wire.recv(65536):
                    answer += received
            except (TimeoutError, ConnectionError):
                pass
        assert re.findall(rb"HTTP/1\.1 (\d+)", answer) in ([], [b"413"])
        assert b"hidden-request" not in answer


def test_half_requests_hold_up_nobody(stack: Stack) -> None:
    half = b'POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"re'
    wires = []
    try:
        for _ in range(200):
            wires.append(_connect(stack))
            wires[-1].sendall(half)
        with stack.client() as client:
            assert client.get("/.well-known/jwks.json", timeout=3).status_code == 200
        assert (
            httpx.get(f"{stack.run['services']['sso']}/healthz", timeout=3, trust_env=False).status_code
            == 200
        )
    finally:
        for wire in wires:
            wire.close()


@contextmanager
def connected(stack: Stack) -> Iterator[socket.socket]:
    wire = _connect(stack)
    try:
        yield wire
    finally:
        wire.close()


def _connect(stack: Stack) -> socket.socket:
    gateway = urlsplit(stack.run["gateway"])
    wire = socket.create_connection((gateway.hostname or "", gateway.port or 80), timeout=2)
    wire.settimeout(1)
    return wire
