"""One request to an endpoint that a user chose (SECURITY 23): to the public internet alone, without redirects, within a
time. What it answers is not read: its status says all."""

import asyncio
import ssl

import httpx

from common.contracts.webhooks import SignedDelivery
from common.outgoing import WEB_PORTS, Outgoing, Refused, Resolve, resolve


class NoAnswer(Exception):
    """There was none. The message may be shown to the endpoint's owner."""


class Sender:
    def __init__(
        self,
        *,
        timeout: float,
        allow_private: bool,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        transport = Outgoing(
            tls or httpx.create_ssl_context(), ports=WEB_PORTS, allow_private=allow_private, resolve=resolve
        )
        self._timeout = timeout
        self._http = httpx.AsyncClient(
            transport=transport, timeout=timeout, follow_redirects=False, trust_env=False
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def send(self, delivery: SignedDelivery) -> int:
        """The status of the answer. Raises NoAnswer."""
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._http.stream(
                    "POST", delivery.url, content=delivery.body.encode(), headers=delivery.headers
                ) as response,
            ):
                return response.status_code
        except Refused as error:
            raise NoAnswer(str(error)) from None
        except (TimeoutError, httpx.TimeoutException):
            raise NoAnswer("no answer in time") from None
        except httpx.ConnectError:
            raise NoAnswer("no connection") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            raise NoAnswer("no answer that can be read") from None
