"""Apps that people sign in to through the SSO, as its tests play them: by plain HTTP, so that each can be wrong."""

import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet
from sso_standins.forms import Form

CALLBACK = "https://app.test/callback"
SECRET = "secret-of-the-app"
SCOPE = "openid profile email offline_access resumes:read"


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def cookie(account: Any) -> dict[str, str]:
    """The headers of the browser that `account` is signed in with."""
    return {"Cookie": f"__Host-resumax_refresh={account.refresh_token}"}


def answered(response: httpx.Response) -> dict[str, str]:
    """What the client is told in the redirect that `response` is, after it was checked that it goes to the client."""
    assert response.status_code == 303, response.text
    location = response.headers["location"]
    assert "/oauth2/" not in location, location
    assert not location.startswith("/auth/"), location
    told = parse_qs(urlsplit(location).query, strict_parsing=True)
    assert all(len(values) == 1 for values in told.values()), location
    return {name: values[0] for name, values in told.items()}


class App:
    """A registered client. `proof` is what it adds to its requests to prove itself by its secret, if it has one."""

    def __init__(
        self, http: httpx.AsyncClient, client_id: str, *, redirect_uri: str, secret: str | None
    ) -> None:
        self.http, self.id, self.redirect_uri = http, client_id, redirect_uri
        self.auth = (client_id, secret) if secret else None
        self.verifier = secrets.token_urlsafe(48)

    def asks(self, **changes: str | None) -> dict[str, str]:
        """The parameters of a good authorization request, with `changes` (None: left out)."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.redirect_uri,
            "scope": SCOPE,
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": s256(self.verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (asked | changes).items() if value is not None}

    async def authorize(self, account: Any | None, **changes: str | None) -> httpx.Response:
        """Send somebody's browser to sign in; nobody is signed in with it where `account` is None."""
        headers = cookie(account) if account else {}
        return await self.http.get("/oauth2/authorize", params=self.asks(**changes), headers=headers)

    async def confirmed(self, account: Any, **changes: str | None) -> httpx.Response:
        """The same, and what comes of it when its person says yes on the page that asks."""
        asking = await self.authorize(account, **changes)
        assert asking.headers["location"].startswith("/auth/ui/consent?continue="), asking.headers["location"]
        page = await self.http.get(asking.headers["location"], headers=cookie(account))
        allowed = await Form(page).send(self.http, cookie(account), decision="allow")
        return await self.http.get(allowed.headers["location"], headers=cookie(account))

    async def code(self, account: Any, **changes: str | None) -> str:
        return answered(await self.authorize(account, **changes))["code"]

    async def token(self, **form: str | None) -> httpx.Response:
        """A request to the token endpoint, with the proof that this client has."""
        own = {} if self.auth else {"client_id": self.id}
        data = {name: value for name, value in (own | form).items() if value is not None}
        return await self.http.post("/oauth2/token", data=data, auth=self.auth)

    async def redeem(self, code: str, /, **changes: str | None) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        return await self.token(**(form | changes))

    async def sign_in(self, account: Any, **changes: str | None) -> dict[str, Any]:
        """The whole code flow: what the token endpoint gives."""
        answer = await self.redeem(await self.code(account, **changes))
        assert answer.status_code == 200, answer.text
        given: dict[str, Any] = answer.json()
        return given

    async def refresh(self, refresh_token: str, /, **changes: str | None) -> httpx.Response:
        return await self.token(**({"grant_type": "refresh_token", "refresh_token": refresh_token} | changes))

    async def verified(self, token: str) -> dict[str, Any]:
        """The claims of a token of the SSO."""
        keys = KeySet.import_key_set((await self.http.get("/.well-known/jwks.json")).json())
        return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)


class NativeApp(App):
    """One on somebody's machine, at which each sign-in is confirmed."""

    async def code(self, account: Any, **changes: str | None) -> str:
        return answered(await self.confirmed(account, **changes))["code"]


RegisterApp = Callable[..., Awaitable[App]]
