"""Requests to hosts that others chose (SECURITY 23)."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import outgoing
from common.outgoing import Address, Outgoing, Refused, is_public, resolve
from common.testing.ports import free_port

TLS = ssl.create_default_context()
PUBLIC = ip_address("93.184.216.34")
OURS = [
    ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
    )
]  # fmt: skip
"""The networks of IPv4 that nobody on the public internet has (RFC 6890)."""
inside = st.one_of(
    st.integers(int(network.network_address), int(network.broadcast_address)).map(IPv4Address)
    for network in OURS
)
anywhere = st.integers(0, 2**32 - 1).map(IPv4Address)


# SECURITY 23
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "192.0.2.1", "192.88.99.1", "192.0.0.8", "::", "::1", "fe80::1", "fe80::1%eth0",
        "2606:2800:220:1::1%1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::127.0.0.1", "::93.184.216.34", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::5db8:d822",
        "2002:7f00:1::", "2002:5db8:d822::", "2001:db8::1", "3fff::1", "5f00::1", "100::1", "4000::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2606:2800:220:1:0:5efe:7f00:1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_on_the_public_internet_are_told(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_addresses_on_the_public_internet_are_told(address: str) -> None:
    assert is_public(ip_address(address))


@given(inside)
def test_no_disguise_makes_an_address_inside_a_public_one(address: IPv4Address) -> None:
    number = int(address)
    disguises = (
        number,  # compatible (deprecated)
        0xFFFF << 32 | number,  # mapped
        0xFFFF << 48 | number,  # translated
        int(IPv6Address("64:ff9b::")) | number,
        int(IPv6Address("64:ff9b:1::")) | number,
        0x2002 << 112 | number << 80,
        0x20010000 << 96 | number ^ 0xFFFFFFFF,  # Teredo hides its client's address by turning every bit
        int(IPv6Address("2606:2800:220:1:0:5efe::")) | number,
    )
    assert not is_public(address)
    assert not any(is_public(IPv6Address(disguise)) for disguise in disguises)


@given(anywhere)
def test_an_address_that_carries_another_is_as_public_as_that(address: IPv4Address) -> None:
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        assert is_public(IPv6Address(int(IPv6Address(prefix)) | int(address))) == is_public(address)


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.1", "2130706433", "017700000001", "0", "localhost", "[::1]", "[::ffff:7f00:1]"]
)
async def test_our_own_addresses_are_refused_however_they_are_spelt(host: str) -> None:
    port, asked = free_port(), 0

    async def count(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.close()

    server = await asyncio.start_server(count, None, port)
    async with server, sending(Outgoing(TLS)) as client:
        with pytest.raises((httpx.ConnectError, Refused)):
            await client.get(f"http://{host}:{port}/")
    assert asked == 0


@pytest.mark.parametrize("address", ["ftp://example.org/", "file:///etc/passwd", "https://example.org:22/"])
async def test_only_the_web_is_asked(address: str) -> None:
    async with sending(Outgoing(TLS, ports={80, 443}, resolve=always(PUBLIC))) as client:
        with pytest.raises((Refused, httpx.UnsupportedProtocol)):
            await client.get(address)


async def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise a name could be public when it is checked, and our own when it is connected to (DNS rebinding)."""
    asked: list[str] = []

    async def lookup(host: str, port: int) -> list[Address]:
        asked.append(host)
        first, other = ip_address("127.0.0.2"), ip_address("127.0.0.1")  # nobody listens at the first
        return [first, other] if len(asked) == 1 else [ip_address("127.0.0.3")]

    monkeypatch.setattr(outgoing, "is_public", lambda address: address != ip_address("127.0.0.3"))
    async with receiver() as port, sending(Outgoing(TLS, resolve=lookup)) as client:
        response = await client.get(f"http://hooks.example.org:{port}/")
        assert response.text == f"hooks.example.org:{port} identity"
        assert asked == ["hooks.example.org"]
        with pytest.raises(Refused, match="public"):
            await client.get(f"http://hooks.example.org:{port}/")


async def test_a_name_with_one_address_inside_is_refused() -> None:
    async with sending(Outgoing(TLS, resolve=always(PUBLIC, ip_address("10.0.0.1")))) as client:
        with pytest.raises(Refused, match="public"):
            await client.get("https://idp.example.org/")


@given(inside)
async def test_a_redirect_is_checked_like_the_first_request(address: IPv4Address) -> None:
    async def lookup(host: str, _port: int) -> list[Address]:
        return [ip_address("127.0.0.1") if host == "hooks.example.org" else ip_address(host)]

    transport = Outgoing(TLS, named={"hooks.example.org"}, resolve=lookup)
    passed_on = transport._inner

    class Redirecting(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            assert request.url.host == "hooks.example.org", "the request went out"
            return httpx.Response(
                307, headers={"Location": f"http://{address}/"}, stream=httpx.ByteStream(b"")
            )

    transport._inner = Redirecting()  # type: ignore[assignment]
    try:
        async with sending(transport, follow_redirects=True) as client:
            with pytest.raises(Refused, match="public"):
                await client.get("http://hooks.example.org/")
    finally:
        await passed_on.aclose()


async def test_the_certificate_is_that_of_the_name_and_not_of_the_address() -> None:
    """What the server is asked for (SNI) and held against is the name, although an address is connected to."""
    said: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _socket, name, _context: said.append(name)
    port = free_port()
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", port, ssl=context)
    transport = Outgoing(TLS, allow_private=True, resolve=always(ip_address("127.0.0.1")))
    async with server, sending(transport) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"https://bücher.example.org:{port}/")
    assert said == ["xn--bcher-kva.example.org"]


async def test_private_addresses_are_asked_where_they_are_allowed() -> None:
    async with receiver() as port, sending(Outgoing(TLS, allow_private=True, ports={443})) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).status_code == 200


async def test_no_connection_is_used_twice() -> None:
    """Two names may have one address, and TLS that was checked for one of them says nothing of the other."""
    transport = Outgoing(TLS, allow_private=True)
    async with receiver(close=False) as port, sending(transport) as client:
        for _ in range(2):
            await client.get(f"http://127.0.0.1:{port}/")
        assert transport._inner._pool.connections == []


@pytest.mark.parametrize(
    ("body", "headers", "says"),
    [
        (b" " * 512 * 1024 + b"{}", "", "too long"),
        (gzip.compress(b"{}"), "Content-Encoding: gzip\r\n", "compressed"),
    ],
)
async def test_an_answer_that_is_too_long_or_could_become_so_is_not_read(
    body: bytes, headers: str, says: str
) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}\r\n".encode() + body)
        writer.close()

    port = free_port()
    server = await asyncio.start_server(say, "127.0.0.1", port)
    async with server, sending(Outgoing(TLS, named={"127.0.0.1"})) as client:
        with pytest.raises(Refused, match=says):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_what_is_no_name_has_no_address() -> None:
    assert await resolve("a..b", 80) == []
    assert await resolve("x" * 64 + ".example", 80) == []


def always(*addresses: Address) -> Callable[[str, int], Awaitable[list[Address]]]:
    async def lookup(_host: str, _port: int) -> list[Address]:
        return list(addresses)

    return lookup


@asynccontextmanager
async def sending(transport: Outgoing, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=transport, trust_env=False, **options) as client:
        yield client


@asynccontextmanager
async def receiver(*, close: bool = True) -> AsyncIterator[int]:
    """Answers with the host that it was asked for, and whether it may compress; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        host = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"host:"))
        body = host.partition(b": ")[2] + b" " + (b"no" if b"gzip" in request else b"identity")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        if close:
            writer.close()
        else:
            await reader.read()
            writer.close()

    port = free_port()
    async with await asyncio.start_server(answer, "127.0.0.1", port):
        yield port
