from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

FORM = {"grant_type": "client_credentials", "scope": "internal", "audience": "account"}
API = ("api", "secret-of-api")


async def test_a_service_gets_a_token_for_another_one(client: httpx.AsyncClient) -> None:
    answer = await client.post("/oauth2/token", data=FORM | {"unknown": "ignored"}, auth=API)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 600, "internal")
    keys = KeySet.import_key_set((await client.get("/.well-known/jwks.json")).json())
    claims = jwt.decode(given["access_token"], keys, algorithms=["RS256"]).claims
    assert (claims["sub"], claims["client_id"], claims["aud"]) == ("api", "api", ["account"])
    assert "sid" not in claims


@pytest.mark.parametrize(
    ("auth", "form", "status", "error"),
    [
        (("api", "wrong"), {}, 401, "invalid_client"),
        (("nobody", "secret-of-api"), {}, 401, "invalid_client"),
        (("", ""), {}, 401, "invalid_client"),
        (("api", "secret-of-account"), {}, 401, "invalid_client"),
        (None, {}, 401, "invalid_client"),
        (None, {"client_id": "api", "client_secret": ""}, 401, "invalid_client"),
        (None, {"client_id": "api", "client_secret": "secret-of-api"}, 401, "invalid_client"),
        (API, {"client_id": "account"}, 401, "invalid_client"),
        (API, {"client_id": "api", "client_secret": "secret-of-api"}, 400, "invalid_request"),
        (API, {"grant_type": "password"}, 400, "unsupported_grant_type"),
        (API, {"grant_type": ""}, 400, "unsupported_grant_type"),
        (API, {"grant_type": ["client_credentials"] * 2}, 400, "invalid_request"),
        (API, {"scope": ""}, 400, "invalid_scope"),
        (API, {"scope": "internal admin"}, 400, "invalid_scope"),
        (API, {"audience": ""}, 400, "invalid_target"),
        (API, {"audience": "billing"}, 400, "invalid_target"),
    ],
)
async def test_what_is_refused_is_an_oauth_error_and_a_problem_at_once(
    client: httpx.AsyncClient, auth: Any, form: dict[str, Any], status: int, error: str
) -> None:
    answer = await client.post("/oauth2/token", data=FORM | form, auth=auth)
    problem = answer.json()
    assert (answer.status_code, problem["error"]) == (status, error), answer.text
    assert problem["status"] == status
    assert problem["code"] == error.upper()
    assert problem["requestId"] == answer.headers["x-request-id"]
    assert answer.headers["content-type"] == "application/json"  # as clients expect, and RFC 6749 has it
    assert answer.headers["cache-control"] == "no-store"
    if status == 401:
        assert answer.headers["www-authenticate"] == 'Basic realm="resumax"'


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic /w==", "Bearer YXBpOng=", "Basic YXBp"])
async def test_unreadable_credentials_are_an_invalid_client(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.post("/oauth2/token", data=FORM, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{}"])
async def test_a_body_that_is_no_form_is_an_invalid_request(
    client: httpx.AsyncClient, content: bytes
) -> None:
    answer = await client.post("/oauth2/token", content=content, auth=API)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    as_json = await client.post("/oauth2/token", json=FORM, auth=API)
    assert (as_json.status_code, as_json.json()["error"]) == (400, "invalid_request")
