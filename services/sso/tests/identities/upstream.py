"""Other providers, made here: an OpenID provider that can be told to do each thing wrong, and the part of GitHub that we
ask. They check what we send as real ones do."""

import asyncio
import base64
import hashlib
import hmac
import time
from typing import Any
from urllib.parse import parse_qs, urlencode

import msgspec
from joserfc import jws
from joserfc.jwk import RSAKey
from litestar import Litestar, Request, Response, get, post
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler

from common.ids import new_token

CLIENT_ID, CLIENT_SECRET = "us", "secret-of-us"
Fields = dict[str, Any]


class Granted(msgspec.Struct):
    """Whom a code was issued for, and what the authorization request asked."""

    person: Fields
    asked: Fields


class Upstream:
    """Whoever comes is signed in as `person`. What else it does can be changed, until `behave`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.codes: dict[str, Granted] = {}
        self.people: dict[str, Fields] = {}
        self.behave()

    def behave(self) -> None:
        """Do everything right from here on."""
        self.requests: list[str] = []
        self.person: Fields = person()
        self.claims: Fields = {}
        self.header: Fields = {}
        self.userinfo: Fields = {}
        self.token: Fields = {}
        self.document: Fields = {}
        self.response: Fields = {}
        self.signs_with = "RS256"
        self.signing_key: Any = None
        self.keys: list[Any] | None = None
        self.asked: Fields = {}
        self.secret_in_form = False
        self.ignores_pkce = False
        self.claims_in_userinfo = False
        self.answers: dict[str, Response[Any]] = {}
        self.waits: dict[str, float] = {}

    def issue_code(self, asked: Fields) -> str:
        code = new_token()
        self.codes[code] = Granted(self.person, asked)
        return code

    def id_token(self, granted: Granted, access_token: str) -> str:
        person, at = granted.person, int(time.time())
        claims = {
            "iss": self.url,
            "sub": person["sub"],
            "aud": CLIENT_ID,
            "iat": at,
            "exp": at + 300,
            "nonce": granted.asked.get("nonce"),
            "at_hash": half_sha256(access_token),
        }
        if not self.claims_in_userinfo:
            claims |= {name: value for name, value in person.items() if name != "sub"}
        return self.sign(msgspec.json.encode(without_none(claims | self.claims)))

    def sign(self, payload: bytes) -> str:
        """A token whose header need not be true."""
        header = without_none({"alg": self.signs_with, "kid": "one", "typ": "JWT"} | self.header)
        content = f"{encoded(msgspec.json.encode(header))}.{encoded(payload)}"
        return f"{content}.{encoded(self._signature(content.encode()))}"

    def _signature(self, content: bytes) -> bytes:
        if self.signs_with == "none":
            return b""
        if self.signs_with == "HS256":
            # The public key, which everybody has, as the secret: the old confusion of algorithms.
            return hmac.digest(self.key.as_pem(private=False), content, "sha256")
        key = self.signing_key or self.key
        return jws.JWSRegistry.algorithms[self.signs_with].sign(content, key)


def person(**changes: Any) -> Fields:
    found = {
        "sub": new_token(9),
        "email": f"{new_token(9)}@example.org",
        "email_verified": True,
        "name": "Grace Hopper",
    }
    return without_none(found | changes)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def half_sha256(text: str) -> str:
    return encoded(hashlib.sha256(text.encode()).digest()[:16])


def app(upstream: Upstream) -> Litestar:
    routes = [*about(upstream), authorize_route(upstream), token_route(upstream), *profiles(upstream)]
    return Litestar(routes, logging_config=None, openapi_config=None)


async def special(upstream: Upstream, name: str) -> Response[Any] | None:
    """What `name` was told to answer instead, if anything; after as long as it was told to wait."""
    upstream.requests.append(name)
    await asyncio.sleep(upstream.waits.get(name, 0))
    return upstream.answers.get(name)


def about(upstream: Upstream) -> list[HTTPRouteHandler]:
    @get("/.well-known/openid-configuration")
    async def discovery() -> Any:
        document = {
            "issuer": upstream.url,
            "authorization_endpoint": f"{upstream.url}/authorize",
            "token_endpoint": f"{upstream.url}/token",
            "userinfo_endpoint": f"{upstream.url}/userinfo",
            "jwks_uri": f"{upstream.url}/jwks",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
            "a_member_that_nobody_knows": {},
        }
        return await special(upstream, "discovery") or without_none(document | upstream.document)

    @get("/jwks")
    async def jwks() -> Any:
        keys = [upstream.key.as_dict(private=False)] if upstream.keys is None else upstream.keys
        return await special(upstream, "jwks") or {"keys": keys}

    return [discovery, jwks]


def authorize_route(upstream: Upstream) -> HTTPRouteHandler:
    @get(["/authorize", "/login/oauth/authorize"])
    async def authorize(request: Request[Any, Any, Any]) -> Response[None]:
        asked = dict(request.query_params)
        assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
        assert asked.get("code_challenge_method") == ("S256" if "code_challenge" in asked else None)
        upstream.requests.append("authorize")
        upstream.asked = asked
        answer = {"code": upstream.issue_code(asked), "state": asked["state"]} | upstream.response
        location = f"{asked['redirect_uri']}?{urlencode(without_none(answer))}"
        return Response(None, status_code=303, headers={"Location": location})

    return authorize


def token_route(upstream: Upstream) -> HTTPRouteHandler:
    @post(["/token", "/login/oauth/access_token"], status_code=200)
    async def token(request: Request[Any, Any, Any]) -> Any:
        if (answer := await special(upstream, "token")) is not None:
            return answer
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        upstream.secret_in_form = "client_secret" in form
        granted = upstream.codes.pop(form["code"], None)
        if not is_client(request, form):
            return Response({"error": "invalid_client"}, status_code=401)
        if granted is None or not (upstream.ignores_pkce or fits(granted, form)):
            return Response({"error": "invalid_grant"}, status_code=400)
        access_token = new_token()
        upstream.people[access_token] = granted.person
        tokens = {"access_token": access_token, "token_type": "Bearer", "expires_in": 30}
        if request.url.path == "/token":
            tokens["id_token"] = upstream.id_token(granted, access_token)
        return without_none(tokens | upstream.token)

    return token


def profiles(upstream: Upstream) -> list[HTTPRouteHandler]:
    def shown(request: Request[Any, Any, Any]) -> Fields:
        return upstream.people[request.headers["authorization"].removeprefix("Bearer ")]

    @get("/userinfo")
    async def userinfo(request: Request[Any, Any, Any]) -> Any:
        return await special(upstream, "userinfo") or without_none(shown(request) | upstream.userinfo)

    @get("/api/v3/user")
    async def github_user(request: Request[Any, Any, Any]) -> Any:
        person = shown(request)
        user = {
            "id": person["sub"],
            "login": "grace",
            "name": person.get("name"),
            "email": "public@example.org",
        }
        return await special(upstream, "user") or user

    @get("/api/v3/user/emails")
    async def github_emails(request: Request[Any, Any, Any]) -> Any:
        person = shown(request)
        primary = {"email": person["email"], "primary": True, "verified": person["email_verified"]}
        unused = {"email": "old@example.org", "primary": False, "verified": True}
        return await special(upstream, "emails") or [unused, primary]

    return [userinfo, github_user, github_emails]


def without_none(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value is not None}


def is_client(request: Request[Any, Any, Any], form: Fields) -> bool:
    """By `client_secret_basic` or `client_secret_post`, and not both."""
    basic = request.headers.get("authorization")
    if basic is None:
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
    wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    return basic == f"Basic {wanted}" and "client_secret" not in form


def fits(granted: Granted, form: Fields) -> bool:
    challenge, verifier = granted.asked.get("code_challenge"), form.get("code_verifier")
    shown = None if verifier is None else encoded(hashlib.sha256(verifier.encode()).digest())
    return (shown, form["redirect_uri"]) == (challenge, granted.asked["redirect_uri"])


def text(content: str | bytes, status: int = 200, **headers: str) -> Response[Any]:
    return Response(content, status_code=status, media_type=MediaType.TEXT, headers=headers)
