"""Calls from one service to another: with a token, the request id, time limits, and retries within a budget."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import msgspec
import structlog

from common import context
from common.problems import Unavailable
from common.settings import Secret

log = structlog.get_logger()

T = TypeVar("T")
TokenSource = Callable[[str], Awaitable[str]]
"""Gives the access token to show to the service of the given name."""

TIMEOUT = httpx.Timeout(5.0, connect=1.0)
ATTEMPTS = 3
_TRY_AGAIN = frozenset({429, 502, 503, 504})
_NOT_YET = frozenset({401, 403, 408, 409, 425})
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})


class ServiceUnavailable(Unavailable):
    """The other service could not be reached, or answered with a 5xx."""


class ServiceRefused(Exception):
    """The other service said no (4xx) and will say no again. `status` and `body` are its answer."""

    def __init__(self, service: str, status: int, body: bytes) -> None:
        super().__init__(f"{service} answered {status}")
        self.status = status
        self.body = body


class RetryBudget:
    """At most one retry for every ten calls, saved up to ten: retries never multiply the load on a sick service."""

    def __init__(self, *, ratio: float = 0.1, most: float = 10.0) -> None:
        self._ratio, self._most, self._left = ratio, most, most

    def earn(self) -> None:
        self._left = min(self._left + self._ratio, self._most)

    def spend(self) -> bool:
        if self._left < 1:
            return False
        self._left -= 1
        return True


class ServiceClient:
    """HTTP to one service. Open for as long as the process; `close` it at the end."""

    def __init__(
        self, service: str, base_url: str, tokens: TokenSource, *, timeout: httpx.Timeout = TIMEOUT
    ) -> None:
        self.service = service
        self._tokens = tokens
        self._budget = RetryBudget()
        self._http = httpx.AsyncClient(base_url=base_url, timeout=timeout, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, path: str, kind: type[T], **params: Any) -> T:
        """The answer to a GET as `kind`. Raises ServiceRefused for a 4xx, ServiceUnavailable for anything else."""
        return msgspec.json.decode(await self.send("GET", path, params=params or None), type=kind)

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        idempotency_key: str = "",
        params: dict[str, Any] | None = None,
    ) -> bytes:
        """The body of a 2xx answer. Calls that are safe to repeat are, after a failure that passes by itself."""
        may_retry = method in _IDEMPOTENT or bool(idempotency_key)
        self._budget.earn()
        for attempt in range(1, ATTEMPTS + 1):
            has_refused_token = False
            try:
                response = await self._once(method, path, body, idempotency_key, params)
            except (httpx.HTTPError, ServiceUnavailable) as error:
                reason = type(error).__name__
            else:
                if response.is_success:
                    return response.content
                if response.status_code < 500 and response.status_code not in _TRY_AGAIN | _NOT_YET:
                    raise ServiceRefused(self.service, response.status_code, response.content)
                reason = str(response.status_code)
                has_refused_token = response.status_code == 401 and attempt == 1  # so nothing was done
            if attempt == ATTEMPTS or not (may_retry or has_refused_token) or not self._budget.spend():
                break
            await asyncio.sleep(random.uniform(0.02, 0.05) * 2**attempt)  # noqa: S311 (jitter, not a secret)
        log.warning("service_call_failed", service=self.service, method=method, reason=reason)
        raise ServiceUnavailable(f"The {self.service} service is not available right now.")

    async def _once(
        self, method: str, path: str, body: bytes | None, idempotency_key: str, params: dict[str, Any] | None
    ) -> httpx.Response:
        token = await self._tokens(self.service)
        headers = {"Authorization": f"Bearer {token}", **context.outgoing_headers()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        response = await self._http.request(method, path, content=body, headers=headers, params=params)
        if response.status_code == 401 and isinstance(self._tokens, ClientCredentials):
            self._tokens.forget(self.service, token)
        return response


class _TokenAnswer(msgspec.Struct):
    access_token: str
    expires_in: int


class ClientCredentials:
    """Tokens by the client-credentials grant (RFC 6749 section 4.4), kept until four fifths of their life are over."""

    def __init__(self, sso_url: str, client_id: str, secret: Secret) -> None:
        self._auth = (client_id, secret.reveal())
        self._http = httpx.AsyncClient(base_url=sso_url, timeout=TIMEOUT, trust_env=False)
        self._held: dict[str, tuple[str, float]] = {}
        self._lock = asyncio.Lock()

    async def close(self) -> None:
        await self._http.aclose()

    async def __call__(self, audience: str) -> str:
        async with self._lock:
            token, renew_at = self._held.get(audience, ("", 0.0))
            if time.monotonic() < renew_at:
                return token
            answer = await self._fetch(audience)
            self._held[audience] = (answer.access_token, time.monotonic() + answer.expires_in * 0.8)
            return answer.access_token

    def forget(self, audience: str, token: str) -> None:
        """Hold `token` no longer: it was refused, as after a change of the issuer's keys."""
        if self._held.get(audience, ("", 0.0))[0] == token:
            del self._held[audience]

    async def _fetch(self, audience: str) -> _TokenAnswer:
        form = {"grant_type": "client_credentials", "scope": "internal", "audience": audience}
        try:
            response = await self._http.post(
                "/oauth2/token", data=form, auth=self._auth, headers=context.outgoing_headers()
            )
            response.raise_for_status()
        except httpx.HTTPError as error:
            log.warning("service_token_not_issued", audience=audience, reason=type(error).__name__)
            raise ServiceUnavailable("The sso service is not available right now.") from error
        return msgspec.json.decode(response.content, type=_TokenAnswer)
