"""Requests to addresses that others chose (SECURITY 23): never inside our own network, however it is put, and never for
more than is sensible.

It is a transport of httpx, under whatever client is given it: so each request passes here by itself, those that a client
makes because of a redirect too. Redirects and the time are the client's: `follow_redirects=False`, `asyncio.timeout`, and
`trust_env=False`, because a proxy of the environment would take the place of the transport.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection

import httpx

LONGEST_ANSWER = 512 * 1024
"""Bytes of an answer, far above what discovery documents, key sets and profiles come to."""
WEB_PORTS = frozenset({80, 443, 8080, 8443})
"""Where the web is: on others, what a stranger writes could be taken for mail, or for commands."""
_TRIED = 3
_PORTS = {"http": 80, "https": 443}
_PLAIN = frozenset({"", "identity"})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
"""All that is routed of IPv6 (RFC 4291 section 2.4); what is local, reserved or translated lies outside."""
_NOT_ROUTED = [
    ipaddress.ip_network(network)
    for network in (
        *("192.0.0.0/24", "192.88.99.0/24"),  # of protocols, and relays to 6to4
        *("2001::/23", "2002::/16"),  # of protocols (Teredo and ORCHID among them), and 6to4
        *("2001:db8::/32", "3fff::/20"),  # for documentation
    )
]
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[Address]]]


class Refused(httpx.TransportError):
    """The request was not sent, or its answer not read to the end."""


async def resolve(host: str, port: int) -> list[Address]:
    """The addresses of `host`, each once; none if it has none. Numbers in any spelling (`0x7f.1`) are addresses too."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))
    except (OSError, ValueError):  # the second: a name that is none in IDNA
        return []


class Outgoing(httpx.AsyncBaseTransport):
    """To where names resolve to addresses of the public internet: resolved once, and connected to under the address that
    was checked. `named` are the hosts that settings name, which may be anywhere.

    `ports` are those that may be asked, all if it is None; with `allow_private`, any address may. No connection is used
    twice: on one to an address there could be another host's TLS.
    """

    def __init__(
        self,
        tls: ssl.SSLContext,
        *,
        named: Collection[str] = (),
        ports: Collection[int] | None = None,
        allow_private: bool = False,
        longest_answer: int = LONGEST_ANSWER,
        resolve: Resolve = resolve,
    ) -> None:
        self._named, self._ports, self._allow_private = named, ports, allow_private
        self._longest, self._resolve = longest_answer, resolve
        self._inner = httpx.AsyncHTTPTransport(
            verify=tls, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # Compressed, a small answer could be a very long one.
        request.headers["Accept-Encoding"] = "identity"
        is_named = request.url.host in self._named
        response = await (self._inner.handle_async_request(request) if is_named else self._pinned(request))
        is_plain = response.headers.get("content-encoding", "").lower() in _PLAIN
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=_Bounded(response.stream, self._longest if is_plain else None),
            extensions=response.extensions,
        )

    async def _pinned(self, request: httpx.Request) -> httpx.Response:
        url, failed = request.url, httpx.ConnectError("no address")
        host = url.raw_host.decode("ascii")
        for address in await self._addresses(url, host):
            pinned = httpx.Request(
                request.method,
                url.copy_with(host=str(address)),
                headers=request.headers,  # `Host` among them
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error  # type: ignore[assignment]  # (either, and both are raised alike)
        raise failed

    async def _addresses(self, url: httpx.URL, host: str) -> list[Address]:
        """The first few addresses that may be connected to. Raises Refused if one of all is not for us."""
        if url.scheme not in _PORTS:
            raise Refused("neither http nor https")
        port = url.port or _PORTS[url.scheme]
        if self._ports is not None and not self._allow_private and port not in self._ports:
            raise Refused("not a port of the web")
        addresses = await self._resolve(host, port)
        if not addresses:
            raise httpx.ConnectError("the name has no address")
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise Refused("not an address of the public internet")
        return addresses[:_TRIED]


class _Bounded(httpx.AsyncByteStream):
    """The body of an answer, for those who read it: at most so many bytes, and None for one that came compressed."""

    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream, longest: int | None) -> None:
        assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 (the transport is an asynchronous one)
        self._stream, self._longest = stream, longest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._longest is None:
            raise Refused("a compressed answer")
        left = self._longest
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise Refused("too long an answer")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def is_public(address: Address) -> bool:
    """Whether `address` is globally routable; of one that carries another inside it, whether that is."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _carried(address)
        if inner is not None:
            return is_public(inner)
        if address not in _UNICAST or address.scope_id or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
            return False
    is_routed = not any(address in network for network in _NOT_ROUTED)
    return is_routed and address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a mapped one (RFC 4291 section 2.5.5.2) or one of NAT64 (RFC 6052) stands for."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
