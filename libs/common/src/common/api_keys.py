"""API keys: what they look like, and how every service takes one where it takes an access token.

A key is `rmx_`, 30 random base62 characters (178 bits) and 6 more that are their CRC-32, so that a scanner for leaked
secrets knows one by its looks, and one that was mistyped or made up is refused without asking anybody. A service shows
the key to the SSO once, gets an access token for it, and remembers whose it is until that token nears its end.
"""

import asyncio
import hashlib
import secrets
import string
import time
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog

from common.contracts.api_keys import ApiKeyExchange, ApiKeyToken
from common.http import ServiceClient, ServiceRefused
from common.problems import Unauthorized, Unavailable
from common.tokens import InvalidToken, Principal, TokenVerifier

log = structlog.get_logger()

V = TypeVar("V")

PREFIX = "rmx_"
RETRY_AFTER = 1.0
"""Seconds after an exchange that could not be made in which nobody tries again."""
REFUSED_FOR = 30.0
"""Seconds in which a key that was refused is refused again without asking."""
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM, _CHECKSUM = 30, 6
_LENGTH = len(PREFIX) + _RANDOM + _CHECKSUM
_RENEW_AT = 0.8  # of the life of its access token
_MOST_KNOWN, _MOST_REFUSED, _MOST_ASKING = 20_000, 10_000, 20


class InvalidApiKey(Unauthorized):
    """The key was refused. Why is not told: mistyped, unknown, expired and revoked look alike."""

    def __init__(self) -> None:
        super().__init__("The API key is not valid.", error="invalid_token")


def new_key() -> str:
    """A key that nobody can guess."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return f"{PREFIX}{text}{_checksum(text)}"


def is_well_formed(key: str) -> bool:
    """Whether `key` may have been made by `new_key`: its last six characters are the CRC-32 of the random ones, in
    base62 with leading zeros."""
    if len(key) != _LENGTH or not key.startswith(PREFIX) or not key.isascii():
        return False
    return _checksum(key[len(PREFIX) : -_CHECKSUM]) == key[-_CHECKSUM:]


def _checksum(text: str) -> str:
    rest, digits = zlib.crc32(text.encode()), ""
    for _ in range(_CHECKSUM):
        rest, digit = divmod(rest, 62)
        digits = _ALPHABET[digit] + digits
    return digits


Exchange = Callable[[str], Awaitable[str]]
"""Gives an access token for an API key. Raises InvalidApiKey, or Unavailable where nobody can tell."""


def exchange_at(sso: ServiceClient) -> Exchange:
    """Exchange keys at the SSO. By an internal route and not by the token endpoint: that one counts requests by address,
    so that a flood of made-up keys would use up what the service needs for good ones."""

    async def exchange(key: str) -> str:
        body = msgspec.json.encode(ApiKeyExchange(api_key=key))
        try:
            answer = await sso.send("POST", "/internal/api-keys/exchange", body)
        except ServiceRefused as error:
            if error.status == 400:
                raise InvalidApiKey from None
            log.warning("api_key_not_exchanged", status=error.status)
            raise Unavailable("API keys cannot be checked right now.") from None
        return msgspec.json.decode(answer, type=ApiKeyToken).access_token

    return exchange


class _Known(msgspec.Struct):
    """A key that was good, and the time (Unix seconds) to look again whether it still is."""

    principal: Principal
    renew_at: float


class ApiKeys:
    """Who the keys speak for that are shown to this service. Keys are remembered by their SHA-256 alone."""

    def __init__(self, exchange: Exchange, verifier: TokenVerifier) -> None:
        self._exchange, self._verifier = exchange, verifier
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._refused_until: OrderedDict[bytes, float] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Principal]] = {}
        self._slots = asyncio.Semaphore(_MOST_ASKING)
        self._ask_after = 0.0

    async def verify(self, key: bytes, *, admit: Callable[[], Awaitable[None]]) -> Principal:
        """Who `key` speaks for. `admit` is called before the SSO is asked about a key that is new here, and may raise.

        Raises InvalidApiKey, or Unavailable while a key that is new here cannot be exchanged.
        """
        digest = hashlib.sha256(key).digest()
        known = self._known.get(digest)
        if known is not None and self._is_good(known.principal):
            if time.time() >= known.renew_at:
                self._ask(digest, key)
            return known.principal
        self._known.pop(digest, None)
        if self._is_refused(digest) or not is_well_formed(key.decode("latin-1")):
            raise InvalidApiKey
        if digest not in self._asking:
            await admit()
        return await asyncio.shield(self._ask(digest, key))

    def _is_good(self, principal: Principal) -> bool:
        # Without the leeway of tokens: a key must not outlive its own end, and the clock that we go by is ours.
        return principal.expires_at > time.time() and self._verifier.is_still_good(principal)

    def _is_refused(self, digest: bytes) -> bool:
        return self._refused_until.get(digest, 0.0) > time.monotonic()

    def _ask(self, digest: bytes, key: bytes) -> asyncio.Task[Principal]:
        """The one exchange of this key that is under way; whoever else needs it waits for the same."""
        task = self._asking.get(digest)
        if task is None:
            task = self._asking[digest] = asyncio.create_task(self._learn(digest, key.decode()))
            task.add_done_callback(lambda done: self._asked(digest, done))
        return task

    def _asked(self, digest: bytes, task: asyncio.Task[Principal]) -> None:
        del self._asking[digest]
        if not task.cancelled():
            task.exception()  # is seen, also where whoever asked has gone, or needed no answer

    async def _learn(self, digest: bytes, key: str) -> Principal:
        try:
            principal = await self._verifier.verify(await self._exchanged(key))
        except (InvalidApiKey, InvalidToken) as error:
            if isinstance(error, InvalidToken):
                log.warning("api_key_token_refused", reason=error.reason)
            self._known.pop(digest, None)
            _put(self._refused_until, digest, time.monotonic() + REFUSED_FOR, most=_MOST_REFUSED)
            raise InvalidApiKey from None
        now = time.time()
        known = _Known(principal, now + (principal.expires_at - now) * _RENEW_AT)
        _put(self._known, digest, known, most=_MOST_KNOWN)
        return principal

    async def _exchanged(self, key: str) -> str:
        async with self._slots:
            if time.monotonic() < self._ask_after:
                raise Unavailable("API keys cannot be checked right now.")
            try:
                return await self._exchange(key)
            except Unavailable:
                self._ask_after = time.monotonic() + RETRY_AFTER
                raise


def _put(into: OrderedDict[bytes, V], digest: bytes, value: V, *, most: int) -> None:
    into[digest] = value
    if len(into) > most:
        into.popitem(last=False)
