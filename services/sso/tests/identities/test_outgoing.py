"""Requests to hosts that only a document of others names (SECURITY 23)."""

import asyncio
import gzip
import ssl
from ipaddress import ip_address
from typing import Any

import httpx
import pytest

from common.testing.ports import free_port
from sso.identities import outgoing
from sso.identities.outgoing import Outgoing, Refused, is_public


# SECURITY 23
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)  # fmt: skip
def test_addresses_that_are_not_on_the_public_internet_are_told(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_addresses_on_the_public_internet_are_told(address: str) -> None:
    assert is_public(ip_address(address))


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    request = await reader.readuntil(b"\r\n\r\n")
    host = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"host:"))
    body = host + b" " + (b"no" if b"gzip" in request else b"identity")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    await writer.drain()
    writer.close()


async def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise a name could be public when it is checked, and our own when it is connected to (DNS rebinding)."""
    port, asked = free_port(), []

    async def resolve(host: str, port: int) -> list[Any]:
        asked.append(host)
        return [ip_address("127.0.0.2"), ip_address("127.0.0.1")]  # the first is not listened at

    monkeypatch.setattr(outgoing, "_resolve", resolve)
    server = await asyncio.start_server(answer, "127.0.0.1", port)
    transport = Outgoing(frozenset(), ssl.create_default_context())
    async with server, httpx.AsyncClient(transport=transport, trust_env=False) as client:
        with pytest.raises(Refused):
            await client.get(f"http://idp.example.org:{port}/")
        monkeypatch.setattr(outgoing, "is_public", lambda _: True)
        response = await client.get(f"http://idp.example.org:{port}/")
    assert response.text == f"Host: idp.example.org:{port} identity"
    assert asked == ["idp.example.org"] * 2


async def test_a_name_with_one_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int) -> list[Any]:
        return [ip_address("93.184.216.34"), ip_address("10.0.0.1")]

    monkeypatch.setattr(outgoing, "_resolve", resolve)
    transport = Outgoing(frozenset(), ssl.create_default_context())
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        with pytest.raises(Refused, match="public"):
            await client.get("https://idp.example.org/")


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
    transport = Outgoing(frozenset({"127.0.0.1"}), ssl.create_default_context())
    async with server, httpx.AsyncClient(transport=transport, trust_env=False) as client:
        with pytest.raises(Refused, match=says):
            await client.get(f"http://127.0.0.1:{port}/")
