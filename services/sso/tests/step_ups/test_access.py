"""Nobody but the owner, on our own front ends, gets at second factors (SECURITY 22)."""

import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from common.auth import MULTI_FACTOR
from common.ids import new_id

ROUTES = [
    ("GET", "/auth/mfa"),
    ("POST", "/auth/mfa/totp"),
    ("POST", "/auth/mfa/totp/confirm"),
    ("DELETE", "/auth/mfa/totp"),
    ("GET", "/auth/mfa/recovery-codes"),
    ("POST", "/auth/mfa/recovery-codes"),
    ("POST", "/auth/step-up"),
]
BODY = {"code": "123456"}


def bearer(key: RSAKey, **claims: Any) -> dict[str, str]:
    """A token that is right in everything, its second factor just shown, but for `claims`."""
    at = int(time.time())
    body = {
        "iss": "https://resumax.test",
        "sub": str(new_id()),
        "aud": ["sso"],
        "iat": at,
        "exp": at + 600,
        "jti": new_id().hex,
        "sid": str(new_id()),
        "client_id": "resumax",
        "scope": "platform",
        "acr": MULTI_FACTOR,
        "auth_time": at,
    }
    token = jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": key.kid}, body | claims, key)
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_no_token_an_expired_one_and_one_for_another_service_are_refused(
    client: httpx.AsyncClient, signing_key: RSAKey, method: str, path: str
) -> None:
    past = int(time.time()) - 700
    for headers in (
        {},
        bearer(signing_key, iat=past, exp=past + 600),
        bearer(signing_key, aud=["api", "admin"]),
    ):
        answer = await client.request(method, path, headers=headers, json=BODY)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_neither_apps_nor_staff_in_the_owners_place_nor_services_get_there(
    client: httpx.AsyncClient, account: Any, signing_key: RSAKey, service_headers: Any, method: str, path: str
) -> None:
    every = "openid profile email offline_access resumes:write account:write render:write"
    support = {"act": {"sub": str(new_id())}, "client_id": "support"}
    for headers in (
        bearer(signing_key, sub=account.id, scope=""),
        bearer(signing_key, sub=account.id, scope=every, client_id="app"),
        bearer(signing_key, sub=account.id, scope=every, **support),
    ):
        answer = await client.request(method, path, headers=headers, json=BODY)
        assert (answer.status_code, answer.json()["code"]) == (403, "INSUFFICIENT_SCOPE")
    service = await client.request(method, path, headers=await service_headers(), json=BODY)
    assert service.status_code == 403


async def test_an_account_that_is_there_no_more_gets_nothing(
    client: httpx.AsyncClient, signing_key: RSAKey
) -> None:
    headers = bearer(signing_key)
    for method, path in (("POST", "/auth/mfa/totp"), ("POST", "/auth/mfa/totp/confirm")):
        answer = await client.request(method, path, headers=headers, json=BODY if "confirm" in path else None)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    body = {"method": "totp", "code": "123456"}
    assert (await client.post("/auth/step-up", json=body, headers=headers)).status_code == 401
