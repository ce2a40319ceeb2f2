"""Which keys a client may register for `private_key_jwt`."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import int_to_base64

from sso.clients.jwks import KeysRefused, checked

RSA = RSAKey.generate_key(2048)
EC = ECKey.generate_key("P-256")
RSA_PUBLIC: dict[str, Any] = dict(RSA.as_dict(private=False))
EC_PUBLIC: dict[str, Any] = dict(EC.as_dict(private=False))
SHORT = int_to_base64(rsa.generate_private_key(65537, 1024).public_key().public_numbers().n)

BAD_KEYS = {
    "an RSA key with its private part": RSA.as_dict(private=True),
    "an EC key with its private part": EC.as_dict(private=True),
    "a short RSA key": RSA_PUBLIC | {"n": SHORT},
    "a small exponent": RSA_PUBLIC | {"e": "Aw"},
    "an even exponent": RSA_PUBLIC | {"e": "AQAC"},
    "a shared secret": {"kty": "oct", "k": "c2VjcmV0"},
    "a key of another kind": OKPKey.generate_key("Ed25519").as_dict(private=False),
    "a point off its curve": EC_PUBLIC | {"x": EC_PUBLIC["y"]},
    "another curve": EC_PUBLIC | {"crv": "secp256k1"},
    "an algorithm that is not the curve's": EC_PUBLIC | {"alg": "ES384"},
    "an algorithm of shared secrets": RSA_PUBLIC | {"alg": "HS256"},
    "no algorithm at all": RSA_PUBLIC | {"alg": "none"},
    "a key to encrypt with": RSA_PUBLIC | {"use": "enc"},
    "a key to sign with": RSA_PUBLIC | {"key_ops": ["sign"]},
    "an id with a line end": RSA_PUBLIC | {"kid": "a\n"},
    "an id that is no text": RSA_PUBLIC | {"kid": 7},
    "a number that is none": RSA_PUBLIC | {"n": "!!"},
    "a number that is too large": RSA_PUBLIC | {"n": "A" * 1401},
    "half a key": {"kty": "EC", "crv": "P-256", "x": EC_PUBLIC["x"]},
    "no key": "key",
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_what_is_not_a_strong_public_key_is_refused(key: Any) -> None:
    with pytest.raises(KeysRefused):
        checked({"keys": [key]})


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": []},
        {"keys": {}},
        {"keys": [RSA_PUBLIC], "more": 1},
        {"keys": [RSA_PUBLIC, EC_PUBLIC]},
        {"keys": [RSA_PUBLIC | {"kid": "a"}, EC_PUBLIC | {"kid": "a"}]},
        {"keys": [RSA_PUBLIC | {"kid": str(number)} for number in range(11)]},
    ],
)
def test_what_is_no_set_of_keys_is_refused(jwks: dict[str, Any]) -> None:
    with pytest.raises(KeysRefused):
        checked(jwks)


def test_of_a_key_no_more_is_kept_than_is_needed() -> None:
    given = {"keys": [RSA_PUBLIC | {"kid": "a", "x5u": "https://evil.example"}, EC_PUBLIC | {"kid": "b"}]}
    kept = checked(given)
    assert kept == {"keys": [RSA_PUBLIC | {"kid": "a"}, EC_PUBLIC | {"kid": "b"}]}
