"""Authlib's own client, which knows nothing of this server but its discovery document."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from common.ids import new_token

CALLBACK = "http://127.0.0.1:9/callback"
SECRET = "secret of a client"
SCOPE = "openid profile email offline_access resumes:read"
KEY = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
ROW: dict[str, Any] = {
    "kind": "confidential",
    "name": "Authlib",
    "redirect_uris": [CALLBACK],
    "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    "scopes": SCOPE.split(),
    "is_first_party": True,
}
PROOFS: dict[str, dict[str, Any]] = {
    "client_secret_basic": {"secret_sha256": hashlib.sha256(SECRET.encode()).digest()},
    "client_secret_post": {"secret_sha256": hashlib.sha256(SECRET.encode()).digest()},
    "private_key_jwt": {"jwks": {"keys": [KEY.as_dict(private=False)]}},
    "none": {"kind": "public"},
}


@pytest.fixture(params=PROOFS)
async def oauth(live: Any, request: pytest.FixtureRequest) -> AsyncIterator[AsyncOAuth2Client]:
    """A client for each method by which one proves itself."""
    method: str = request.param
    client_id = await live.register(**ROW | PROOFS[method], auth_method=method)
    endpoint = live.address("/oauth2/token")
    secret: Any = {"none": None, "private_key_jwt": KEY}.get(method, SECRET)
    async with AsyncOAuth2Client(
        client_id,
        secret,
        scope=SCOPE,
        redirect_uri=CALLBACK,
        token_endpoint=endpoint,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        code_challenge_method="S256",
        trust_env=False,
    ) as client:
        if method == "private_key_jwt":
            client.register_client_auth_method(PrivateKeyJWT(endpoint, headers={"kid": KEY.kid}))
        yield client


async def metadata(live: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await live.http.get("/.well-known/openid-configuration")).json()
    return found


async def test_signing_in_and_all_that_follows(live: Any, oauth: AsyncOAuth2Client) -> None:
    server, nonce, verifier = await metadata(live), new_token(), new_token(48)
    url, state = oauth.create_authorization_url(
        server["authorization_endpoint"], nonce=nonce, code_verifier=verifier
    )
    back = await live.sign_in(url)
    assert back.startswith(f"{CALLBACK}?code=")
    tokens = await oauth.fetch_token(
        server["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    keys = KeySet.import_key_set((await live.http.get(server["jwks_uri"])).json())
    decoded = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        options={
            "iss": {"essential": True, "value": server["issuer"]},
            "aud": {"essential": True, "value": oauth.client_id},
        },
        params={"nonce": nonce, "client_id": oauth.client_id, "access_token": tokens["access_token"]},
    )
    claims.validate()
    assert (await oauth.get(server["userinfo_endpoint"])).json()["sub"] == claims["sub"]
    later = await oauth.refresh_token(server["token_endpoint"], refresh_token=tokens["refresh_token"])
    assert later["refresh_token"] != tokens["refresh_token"]
    assert (await oauth.get(server["userinfo_endpoint"])).json()["email"] == live.email
    revoked = await oauth.revoke_token(server["revocation_endpoint"], later["refresh_token"])
    assert revoked.status_code == 200
    with pytest.raises(Exception, match="invalid_grant"):
        await oauth.refresh_token(server["token_endpoint"], refresh_token=later["refresh_token"])


async def test_a_token_for_the_client_itself_can_be_introspected(live: Any) -> None:
    client_id = await live.register(**ROW | PROOFS["client_secret_basic"], auth_method="client_secret_basic")
    server = await metadata(live)
    async with AsyncOAuth2Client(client_id, SECRET, trust_env=False) as oauth:
        tokens = await oauth.fetch_token(
            server["token_endpoint"], grant_type="client_credentials", scope="resumes:read"
        )
        answer = await oauth.introspect_token(server["introspection_endpoint"], tokens["access_token"])
        told = json.loads(answer.content)
    assert (told["active"], told["client_id"], told["sub"]) == (True, client_id, client_id)
