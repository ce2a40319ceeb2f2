"""The public keys that a client registers for `private_key_jwt` (RFC 7523): RSA and EC, and nothing private."""

import re
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import base64_to_int

ASSERTION_ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "ES512")
MOST_KEYS = 10
_RSA_BITS = (2048, 8192)
_OF_CURVE = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KEPT = {
    "RSA": ("kty", "n", "e", "kid", "alg", "use"),
    "EC": ("kty", "crv", "x", "y", "kid", "alg", "use"),
}
_LONGEST_NUMBER = 1400
"""Characters in base64url of the largest number that is read: 8192 bits."""
_LONGEST_ID = 200
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


class KeysRefused(ValueError):
    """The message says why, for whoever registers the client."""


def checked(jwks: dict[str, Any]) -> dict[str, Any]:
    """`jwks` (RFC 7517 section 5) with what is needed of each key. Raises KeysRefused."""
    keys = jwks.get("keys")
    if jwks.keys() != {"keys"} or not isinstance(keys, list) or not 1 <= len(keys) <= MOST_KEYS:
        raise KeysRefused(f'It is an object with one member, "keys": a list of 1 to {MOST_KEYS} keys.')
    found = [_checked(key) for key in keys]
    names = [key.get("kid") for key in found]
    if len(found) > 1 and (None in names or len(set(names)) < len(names)):
        raise KeysRefused("Of several keys each has a `kid` of its own.")
    return {"keys": found}


def _checked(key: Any) -> dict[str, Any]:
    if not isinstance(key, dict) or not isinstance(key.get("kty"), str) or key["kty"] not in _KEPT:
        raise KeysRefused("A key is an object whose `kty` is RSA or EC.")
    if _PRIVATE & key.keys():
        raise KeysRefused(
            "There is a private part in it: that key is to be used no more. Give its public part."
        )
    kept = {name: key[name] for name in _KEPT[key["kty"]] if name in key}
    _check_members(kept)
    if key.get("key_ops", ["verify"]) != ["verify"]:
        raise KeysRefused("Its `key_ops` are something else than `verify`.")
    (_check_rsa if key["kty"] == "RSA" else _check_ec)(kept)
    return kept


def _check_members(key: dict[str, Any]) -> None:
    if not all(isinstance(value, str) and len(value) <= _LONGEST_NUMBER for value in key.values()):
        raise KeysRefused("A member of a key is no text, or it is too long.")
    if not all(_BASE64URL.fullmatch(key[name]) for name in ("n", "e", "x", "y") if name in key):
        raise KeysRefused("A number of a key is not in base64url.")
    if not 1 <= len(key.get("kid", "-")) <= _LONGEST_ID or not key.get("kid", "-").isprintable():
        raise KeysRefused(f"A `kid` has 1 to {_LONGEST_ID} printable characters.")
    if key.get("use", "sig") != "sig":
        raise KeysRefused("Its `use` is something else than `sig`.")


def _check_rsa(key: dict[str, Any]) -> None:
    if key.get("alg", "RS256") not in {"RS256", "PS256"}:
        raise KeysRefused("The `alg` of an RSA key is RS256 or PS256.")
    try:
        modulus, exponent = (base64_to_int(key[name]) for name in ("n", "e"))
        is_fit = _RSA_BITS[0] <= modulus.bit_length() <= _RSA_BITS[1] and 65537 <= exponent < 1 << 33
        if is_fit:
            RSAKey.import_key(key)
    except (JoseError, ValueError, KeyError, TypeError):
        raise KeysRefused("It is no RSA key.") from None
    if not is_fit:
        raise KeysRefused("An RSA key has 2048 to 8192 bits, and an exponent of 65537 or a little more.")


def _check_ec(key: dict[str, Any]) -> None:
    algorithm = _OF_CURVE.get(key.get("crv", ""))
    if algorithm is None or key.get("alg", algorithm) != algorithm:
        raise KeysRefused("An EC key is on P-256, P-384 or P-521, with ES256, ES384 or ES512 in this order.")
    try:
        ECKey.import_key(key)  # which raises, too, where the point is not on the curve
    except (JoseError, ValueError, KeyError, TypeError):
        raise KeysRefused("It is no EC key.") from None
