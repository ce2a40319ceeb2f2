"""How we ask other providers: never for longer or more than is sensible, and never inside our own network because a
document of theirs says so (SECURITY 23)."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator

import httpx

LONGEST_ANSWER = 512 * 1024
"""Bytes of an answer, far above what discovery documents, key sets and profiles come to."""
_TRIED = 3
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PLAIN = frozenset({"", "identity"})

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(httpx.TransportError):
    """The request was not sent, or its answer not read to the end."""


class Outgoing(httpx.AsyncBaseTransport):
    """To the hosts that the settings name, wherever they are; to others, which only documents name, where they resolve
    to addresses of the public internet: resolved once, and connected to under the address that was checked."""

    def __init__(self, named: frozenset[str], tls: ssl.SSLContext) -> None:
        self._named = named
        self._inner = httpx.AsyncHTTPTransport(verify=tls)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # Compressed, a small answer could be a very long one.
        request.headers["Accept-Encoding"] = "identity"
        is_named = request.url.host in self._named
        response = await (self._inner.handle_async_request(request) if is_named else self._pinned(request))
        if response.headers.get("content-encoding", "").lower() not in _PLAIN:
            await response.aclose()
            raise Refused("a compressed answer")
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=_Capped(response.stream),
            extensions=response.extensions,
        )

    async def _pinned(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        addresses = await _resolve(url.host, url.port or 443)
        if not addresses or not all(is_public(address) for address in addresses):
            raise Refused("not an address of the public internet")
        failed: httpx.ConnectError | httpx.ConnectTimeout | None = None
        for address in addresses[:_TRIED]:
            pinned = httpx.Request(
                request.method,
                url.copy_with(host=str(address)),
                headers=request.headers,  # `Host` among them
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": url.host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        raise failed or Refused("no address")


class _Capped(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 (the transport is an asynchronous one)
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = LONGEST_ANSWER
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise Refused("too long an answer")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))


def is_public(address: Address) -> bool:
    """Whether `address` is globally routable, and what it carries inside it, too."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast
