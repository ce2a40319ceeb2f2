"""Forged and misused access tokens, each wrong in one thing alone (SECURITY 15; RFC 8725, RFC 9068)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from common.ids import new_id

ATTACKER = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


def claims(account: Any, **changes: Any) -> dict[str, Any]:
    issued_at = int(time.time())
    return {
        "iss": "https://resumax.test",
        "sub": account.id,
        "aud": ["sso"],
        "iat": issued_at,
        "exp": issued_at + 600,
        "jti": new_id().hex,
        "sid": str(new_id()),
        "client_id": "resumax",
        "scope": "platform",
        "roles": [],
    } | changes


def sign(body: dict[str, Any], key: RSAKey, *, signer: RSAKey | None = None, **header: Any) -> str:
    header = {"alg": "RS256", "typ": "at+jwt", "kid": key.kid} | header
    if set(header) <= {"alg", "typ", "kid"} and header["alg"] == "RS256":
        return jwt.encode(header, body, signer or key)
    return raw(header, body, lambda data: (signer or key).get_op_key("sign").sign(data, *_pkcs1()))


def _pkcs1() -> tuple[Any, Any]:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    return PKCS1v15(), SHA256()


def raw(header: dict[str, Any], body: dict[str, Any], make: Callable[[bytes], bytes]) -> str:
    def encode(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    signed = f"{encode(json.dumps(header).encode())}.{encode(json.dumps(body).encode())}"
    return f"{signed}.{encode(make(signed.encode()))}"


def forgeries(account: Any, key: RSAKey) -> dict[str, str]:
    good, issued_at = claims(account), int(time.time())
    pem = key.as_pem(private=False)
    jwk = ATTACKER.as_dict(private=False)

    def hs256(data: bytes) -> bytes:
        return hmac.digest(pem, data, hashlib.sha256)

    header = {"typ": "at+jwt", "kid": key.kid}
    token = sign(good, key)
    return {
        "alg none": raw({"alg": "none", **header}, good, lambda _: b""),
        "alg NONE with a signature": raw({"alg": "NONE", **header}, good, lambda _: b"x"),
        "HS256 with the public key": raw({"alg": "HS256", **header}, good, hs256),
        "RS512": sign(good, key, alg="RS512"),
        "PS256": sign(good, key, alg="PS256"),
        "unknown kid": sign(good, key, kid="unknown"),
        "kid of ours, key of theirs": sign(good, key, signer=ATTACKER),
        "their key in jwk": sign(good, key, signer=ATTACKER, jwk=jwk),
        "their key by jku": sign(good, ATTACKER, jku="https://evil.test/jwks.json"),
        "their key by x5u": sign(good, ATTACKER, x5u="https://evil.test/cert.pem"),
        "crit": sign(good, key, crit=["exp"]),
        "wrong issuer": sign(claims(account, iss="https://evil.test"), key),
        "issuer with a slash": sign(claims(account, iss="https://resumax.test/"), key),
        "wrong audience": sign(claims(account, aud=["api", "account"]), key),
        "no audience": sign(claims(account, aud=[]), key),
        "typ JWT (an ID token)": sign(good, key, typ="JWT"),
        "no typ": raw(
            {"alg": "RS256", "kid": key.kid}, good, lambda d: key.get_op_key("sign").sign(d, *_pkcs1())
        ),
        "expired beyond 60 s": sign(claims(account, iat=issued_at - 700, exp=issued_at - 61), key),
        "not before in 61 s": sign(claims(account, nbf=issued_at + 61), key),
        "issued in the future": sign(claims(account, iat=issued_at + 61), key),
        "exp is text": sign(claims(account, exp="never"), key),
        "no exp": sign({k: v for k, v in good.items() if k != "exp"}, key),
        "no sub": sign({k: v for k, v in good.items() if k != "sub"}, key),
        "changed payload": token.replace(token.split(".")[1], token.split(".")[1][:-4] + "AAAA"),
        "cut signature": token[:-8],
        "no signature": token.rsplit(".", 1)[0] + ".",
        "four parts": token + ".x",
        "not base64": "ä.ö.ü".encode().decode("latin-1"),
        "huge": "a" * 20_000 + ".b.c",
        "empty parts": "..",
    }


async def test_a_token_right_in_everything_is_accepted(
    client: httpx.AsyncClient, account: Any, signing_key: RSAKey
) -> None:
    headers = {"Authorization": f"Bearer {sign(claims(account), signing_key)}"}
    assert (await client.get("/auth/me", headers=headers)).status_code == 200


# SECURITY 15
async def test_a_token_wrong_in_one_thing_is_refused(
    client: httpx.AsyncClient, account: Any, signing_key: RSAKey
) -> None:
    for name, token in forgeries(account, signing_key).items():
        headers = {"Authorization": f"Bearer {token}".encode("latin-1")}
        answer = await client.get("/auth/me", headers=headers)
        assert answer.status_code == 401, name
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"', name


async def test_a_subject_that_is_no_user_is_refused(
    client: httpx.AsyncClient, account: Any, signing_key: RSAKey
) -> None:
    headers = {"Authorization": f"Bearer {sign(claims(account, sub=str(new_id())), signing_key)}"}
    assert (await client.get("/auth/me", headers=headers)).status_code == 401


@pytest.mark.parametrize("token", ["a.b.c", "null", "e30.e30.e30"])
async def test_a_logout_with_a_bad_token_is_refused(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.post("/auth/logout", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
