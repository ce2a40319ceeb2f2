"""ID tokens of other providers, and everything that one has to be before it is believed (OpenID Connect Core section
3.1.3.7, RFC 8725)."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

from sso.identities.problems import SignInRefused
from sso.identities.profiles import Claims, is_subject

LEEWAY = 60
"""Seconds by which clocks may differ."""
OLDEST = 15 * 60
"""Seconds since a token was issued: it is fresh from the token endpoint."""
_LONGEST = 16 * 1024

FindKey = Callable[[str, str], Awaitable[Key]]
"""The key for a `kid` (empty where the token names none) and an algorithm."""


class IdToken(Claims, kw_only=True):
    iss: str
    aud: list[str] | str
    exp: float
    iat: float
    nbf: float = 0
    nonce: str | None = None
    azp: str | None = None
    at_hash: str | None = None


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What an ID token has to say. It may lack the nonce only of a provider that is known to leave it out."""

    issuer: str
    client_id: str
    nonce: str
    needs_nonce: bool
    algorithms: Collection[str]
    access_token: str


class _Header(msgspec.Struct):
    alg: str
    kid: str = ""
    typ: str = "JWT"
    crit: Any = None


async def verify(token: str, find_key: FindKey, expected: Expected) -> IdToken:
    """The claims of `token`. Raises SignInRefused, or what `find_key` raises."""
    header = _header(token)
    if header.alg not in expected.algorithms:
        raise SignInRefused("algorithm")
    # Access and logout tokens have types of their own (RFC 8725 section 3.11).
    if header.crit is not None or header.typ.lower().endswith("+jwt"):
        raise SignInRefused("not an ID token")
    key = await find_key(header.kid, header.alg)
    try:
        signed = jws.deserialize_compact(token, key, algorithms=[header.alg])
        claims = msgspec.json.decode(signed.payload, type=IdToken)
    except (JoseError, msgspec.MsgspecError, ValueError) as error:
        raise SignInRefused(type(error).__name__) from None
    _check_parties(claims, expected)
    _check_times(claims)
    _check_bindings(claims, expected, header.alg)
    return claims


def _header(token: str) -> _Header:
    if len(token) > _LONGEST or token.count(".") != 2:
        raise SignInRefused("not a JWT")
    encoded = token.split(".", 1)[0]
    try:
        decoded = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        return msgspec.json.decode(decoded, type=_Header)
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        raise SignInRefused("unreadable header") from None


def _check_parties(claims: IdToken, expected: Expected) -> None:
    audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    if claims.iss != expected.issuer:
        raise SignInRefused("issued by somebody else")
    if expected.client_id not in audiences:
        raise SignInRefused("meant for somebody else")
    # Of several audiences one asked for it, and that must have been us.
    asked = claims.azp if claims.azp is not None or len(audiences) > 1 else expected.client_id
    if asked != expected.client_id:
        raise SignInRefused("asked for by somebody else")
    if not is_subject(claims.sub):
        raise SignInRefused("no subject")


def _check_times(claims: IdToken) -> None:
    at = time.time()
    if claims.exp <= at - LEEWAY:
        raise SignInRefused("expired")
    if max(claims.iat, claims.nbf) > at + LEEWAY:
        raise SignInRefused("not valid yet")
    if claims.iat < at - OLDEST:
        raise SignInRefused("issued long ago")


def _check_bindings(claims: IdToken, expected: Expected, alg: str) -> None:
    """To this sign-in by the nonce, to the access token beside it by its hash."""
    if claims.nonce is None and expected.needs_nonce:
        raise SignInRefused("no nonce")
    if claims.nonce is not None and not _equal(claims.nonce, expected.nonce):
        raise SignInRefused("another nonce")
    if claims.at_hash is not None and not _equal(claims.at_hash, half_hash(expected.access_token, alg)):
        raise SignInRefused("another access token")


def half_hash(text: str, alg: str) -> str:
    """The left half of the hash that belongs to `alg` (OpenID Connect Core section 3.1.3.6)."""
    digest = hashlib.new(f"sha{alg[2:] if alg[2:].isdigit() else 512}", text.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
