"""Access tokens: RS256-signed JWTs of type `at+jwt` (RFC 9068), and how every service verifies them (RFC 8725)."""

import asyncio
import base64
import binascii
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import httpx
import msgspec
import structlog
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from common.problems import Unauthorized, Unavailable

log = structlog.get_logger()

LEEWAY = 30
"""Seconds by which clocks may differ (the promise is 60 at most)."""
REFETCH_AFTER = 30.0
RETRY_AFTER = 1.0
"""Seconds after a fetch that failed in which nobody tries again: an issuer that hangs must not hold up everybody."""
_REMEMBERED = 20_000
_LONGEST = 8192


PLATFORM_SCOPE = "platform"
"""The scope of a person who uses the platform's own front ends: whatever the person may do, the token may."""


class Principal(msgspec.Struct, frozen=True):
    """Who is calling: a user (`subject` is their id), or a service (`subject` is its client id, `is_service`).

    `acr` says how surely (RFC 9068 section 2.2.1) they were authenticated at `authenticated_at` (Unix seconds);
    `actor` is the member of staff who acts in the user's place (RFC 8693 section 4.1), if one does.
    """

    subject: str
    token_id: str
    session_id: str
    client_id: str
    expires_at: int
    scopes: frozenset[str]
    roles: frozenset[str]
    acr: str = ""
    authenticated_at: int = 0
    actor: str = ""

    @property
    def id(self) -> UUID:
        """The user's id."""
        return UUID(self.subject)

    @property
    def is_service(self) -> bool:
        return self.subject == self.client_id

    def may(self, scope: str) -> bool:
        """Whether the token was given for `scope`."""
        return scope in self.scopes or PLATFORM_SCOPE in self.scopes


class _Header(msgspec.Struct):
    alg: str
    typ: str
    kid: str
    crit: Any = None


class _Actor(msgspec.Struct):
    sub: str


class _Claims(msgspec.Struct):
    iss: str
    sub: str
    aud: list[str] | str
    exp: int
    iat: int
    jti: str
    client_id: str = ""
    sid: str = ""
    nbf: int = 0
    scope: str = ""
    roles: list[str] = []
    acr: str = ""
    auth_time: int = 0
    act: _Actor | None = None


class InvalidToken(Unauthorized):
    """The token was refused. The reason is for us; the caller learns only that it is not valid."""

    def __init__(self, reason: str) -> None:
        super().__init__("The access token is not valid.", error="invalid_token")
        self.reason = reason


FetchKeys = Callable[[], Awaitable[Mapping[str, Any]]]


class KeyCache:
    """The issuer's public keys; fetched when a `kid` is unknown, at most once in 30 s, kept when it is away."""

    def __init__(self, fetch: FetchKeys) -> None:
        self._fetch = fetch
        self._keys: dict[str, RSAKey] = {}
        self._fetch_after = 0.0
        self._fetching = asyncio.Lock()

    async def key(self, kid: str) -> RSAKey:
        """The key `kid`. Raises InvalidToken if the issuer has none, Unavailable if it cannot be asked at all."""
        if kid not in self._keys:
            async with self._fetching:  # whoever waited finds the keys, or that it is too early to ask again
                if kid not in self._keys and time.monotonic() >= self._fetch_after:
                    await self._refresh()
        if not self._keys:
            raise Unavailable("Sign-in is not available right now.")
        if kid not in self._keys:
            raise InvalidToken("unknown kid")
        return self._keys[kid]

    async def _refresh(self) -> None:
        try:
            found = KeySet.import_key_set(await self._fetch())  # type: ignore[arg-type]
        except (httpx.HTTPError, JoseError, ValueError) as error:
            log.warning("keys_not_fetched", error=type(error).__name__)
            self._fetch_after = time.monotonic() + RETRY_AFTER
            return
        self._fetch_after = time.monotonic() + REFETCH_AFTER
        self._keys = {key.kid: key for key in found.keys if isinstance(key, RSAKey) and key.kid}


def keys_over_http(sso_url: str) -> FetchKeys:
    """Fetch the key set from the SSO's well-known address."""

    async def fetch() -> Mapping[str, Any]:
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as http:
            response = await http.get(f"{sso_url}/.well-known/jwks.json")
            response.raise_for_status()
            keys: Mapping[str, Any] = response.json()
            return keys

    return fetch


class TokenVerifier:
    """Verifies access tokens shown to one service. A token that was good is remembered until it expires."""

    def __init__(
        self, *, issuer: str, audience: str, keys: KeyCache, is_revoked: Callable[[str, str], bool]
    ) -> None:
        self._issuer, self._audience, self._keys = issuer, audience, keys
        self._is_revoked = is_revoked
        self._known: OrderedDict[str, Principal] = OrderedDict()

    async def verify(self, token: str) -> Principal:
        """Who the token speaks for. Raises InvalidToken, or Unavailable while no keys can be had."""
        principal = self._known.get(token)
        if principal is None:
            principal = await self._check(token)
            self._known[token] = principal
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        if principal.expires_at + LEEWAY <= time.time():
            self._known.pop(token, None)
            raise InvalidToken("expired")
        if self._is_revoked(principal.token_id, principal.session_id):
            self._known.pop(token, None)
            raise InvalidToken("revoked")
        return principal

    def is_still_good(self, principal: Principal) -> bool:
        """Whether what `verify` found is neither expired nor revoked by now: for connections that stay open."""
        is_expired = principal.expires_at + LEEWAY <= time.time()
        return not is_expired and not self._is_revoked(principal.token_id, principal.session_id)

    async def _check(self, token: str) -> Principal:
        header = _header(token)
        if header.alg != "RS256" or header.typ.lower() not in {"at+jwt", "application/at+jwt"} or header.crit:
            raise InvalidToken("not an RS256 access token")
        try:
            signed = jws.deserialize_compact(token, await self._keys.key(header.kid), algorithms=["RS256"])
            claims = msgspec.json.decode(signed.payload, type=_Claims)
        except (JoseError, msgspec.MsgspecError, ValueError) as error:
            raise InvalidToken(type(error).__name__) from error
        self._check_claims(claims)
        return Principal(
            subject=claims.sub,
            token_id=claims.jti,
            session_id=claims.sid,
            client_id=claims.client_id,
            expires_at=claims.exp,
            scopes=frozenset(claims.scope.split()),
            roles=frozenset(claims.roles),
            acr=claims.acr,
            authenticated_at=claims.auth_time,
            actor=claims.act.sub if claims.act else "",
        )

    def _check_claims(self, claims: _Claims) -> None:
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if claims.iss != self._issuer:
            raise InvalidToken("issued by somebody else")
        if self._audience not in audiences:
            raise InvalidToken("meant for somebody else")
        if max(claims.nbf, claims.iat) > time.time() + LEEWAY:
            raise InvalidToken("not valid yet")
        if claims.sub != claims.client_id and not _is_id(claims.sub):
            raise InvalidToken("neither a user's nor a service's")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _header(token: str) -> _Header:
    if len(token) > _LONGEST or token.count(".") != 2:
        raise InvalidToken("not a JWT")
    encoded = token.split(".", 1)[0]
    try:
        return msgspec.json.decode(
            base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)), type=_Header
        )
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        raise InvalidToken("unreadable header") from error
