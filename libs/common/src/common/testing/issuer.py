"""A stand-in for the SSO at the edge of one service's tests: a key set over HTTP, client credentials, and tokens."""

import time
from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey
from litestar import Litestar, Request, Response, get, post

from common.api_keys import new_key
from common.ids import new_id
from common.tokens import PLATFORM_SCOPE

KEY = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
OTHER_KEY = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


class Issuer:
    """Signs tokens as the SSO would. `url` is its `iss`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.api_keys: dict[str, Callable[[], str]] = {}
        self.exchanges = 0

    def token(
        self,
        audience: str | list[str],
        *,
        user_id: object = None,
        key: RSAKey = KEY,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """An access token for a user. Any claim and header can be replaced, to make bad ones."""
        now = int(time.time())
        body = {
            "iss": self.url,
            "sub": str(user_id or new_id()),
            "aud": audience,
            "iat": now,
            "exp": now + 600,
            "jti": new_id().hex,
            "sid": new_id().hex,
            "client_id": "resumax",
            "scope": PLATFORM_SCOPE,
            "roles": [],
        }
        return jwt.encode(
            {"alg": "RS256", "typ": "at+jwt", "kid": key.kid} | (header or {}), body | claims, key
        )

    def service_token(self, audience: str, *, client_id: str = "tests", scope: str = "internal") -> str:
        return self.token(audience, user_id=client_id, client_id=client_id, scope=scope)

    def headers(self, audience: str, **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(audience, **claims)}"}

    def service_headers(self, audience: str, *, client_id: str = "tests") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.service_token(audience, client_id=client_id)}"}

    def api_key(self, audience: str, **claims: Any) -> str:
        """A key that is exchanged for access tokens with `claims`, until it is taken out of `api_keys`."""
        key = new_key()
        fixed: dict[str, Any] = {"user_id": new_id(), "sid": new_id().hex, "client_id": "api-key"} | claims
        self.api_keys[key] = lambda: self.token(audience, **fixed)
        return key

    def app(self) -> Litestar:
        @get("/.well-known/jwks.json", sync_to_thread=False)
        def keys() -> Response[dict[str, Any]]:
            return Response({"keys": [KEY.as_dict(private=False)]})

        @post("/oauth2/token", status_code=200)
        async def token(request: Request[Any, Any, Any]) -> dict[str, Any]:
            form = await request.form()
            return {"access_token": self.service_token(form["audience"]), "expires_in": 600}

        @post("/internal/api-keys/exchange", status_code=200)
        async def exchange(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
            self.exchanges += 1
            key = (await request.json())["apiKey"]
            if key not in self.api_keys:
                return Response({"code": "API_KEY_INVALID"}, status_code=400)
            return Response({"accessToken": self.api_keys[key]()})

        return Litestar([keys, token, exchange], logging_config=None)
