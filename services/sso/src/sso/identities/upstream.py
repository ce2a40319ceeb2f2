"""Requests to one provider, through Authlib's client: with a limit of time for each step, and its secret in one place."""

import asyncio
import re
import ssl
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
from authlib.common.errors import AuthlibBaseError
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.integrations.base_client import OAuthError

from common.outgoing import Outgoing
from sso.identities.configuration import ProviderSettings
from sso.identities.problems import NotGiven, ProviderUnavailable, SignInRefused

with warnings.catch_warnings():
    # Authlib would rather have httpx's successor, which it falls back from.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client

T = TypeVar("T")
_AGENT = "resuMAX"  # GitHub answers nobody without one
_ERROR = re.compile(r"[a-z_]{1,40}")
_NOT_GIVEN = frozenset({403, 404})
_FAILURES = (
    httpx.HTTPError,
    httpx.InvalidURL,
    AuthlibBaseError,
    msgspec.MsgspecError,
    OSError,  # TimeoutError is one
    ValueError,
)


class Attempt(msgspec.Struct, frozen=True):
    """The secrets of one sign-in that is under way: each answer of the provider has to show that it belongs to it."""

    state: str
    nonce: str
    code_verifier: str


class Upstream:
    """`timeout` are the seconds that the provider has for each answer, whole."""

    def __init__(self, settings: ProviderSettings, *, redirect_uri: str, timeout: float) -> None:
        self.settings, self._redirect_uri, self._timeout = settings, redirect_uri, timeout
        urls = (settings.issuer, settings.api_url)
        self._named = frozenset(host for url in urls if (host := urlsplit(url).hostname))

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()  # SSL_CERT_FILE names the authorities of a private network

    def authorization_url(self, endpoint: str, attempt: Attempt) -> str:
        """Where the browser is sent; with PKCE by S256, and the nonce, which those who know none ignore."""
        settings = self.settings
        client = self._client(scope=" ".join(settings.scopes), code_challenge_method="S256")
        verifier = attempt.code_verifier if settings.pkce else None
        nonce = {} if settings.kind == "github" else {"nonce": attempt.nonce}
        url, _ = client.create_authorization_url(endpoint, attempt.state, verifier, **nonce)
        return str(url)

    async def exchange(
        self, endpoint: str, code: str, attempt: Attempt, *, auth_method: str
    ) -> Mapping[str, Any]:
        """The token response for `code`. Raises SignInRefused if the provider refuses it, or ProviderUnavailable."""
        verifier = {"code_verifier": attempt.code_verifier} if self.settings.pkce else {}
        async with self._asking(auth_method) as client:
            try:
                token: Mapping[str, Any] = await client.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, **verifier
                )
            except OAuthError as error:
                named = str(error.error)
                shown = named if _ERROR.fullmatch(named) else "in words of its own"
                raise SignInRefused(f"the provider refused the code: {shown}") from None
        return token

    async def get(self, url: str, kind: type[T], *, access_token: str = "") -> T:
        """What is at `url`, as `kind`. Raises ProviderUnavailable for anything but a 2xx that can be read as that, and
        for a 403 or 404 as NotGiven."""
        headers = {"Accept": "application/json"}
        if access_token:
            headers["Authorization"] = f"Bearer {access_token}"
        async with self._asking() as client:
            response = await client.request("GET", url, headers=headers, withhold_token=True)
            if response.status_code in _NOT_GIVEN:
                raise NotGiven(f"{response.status_code}")
            response.raise_for_status()
            return msgspec.json.decode(response.content, type=kind)

    @asynccontextmanager
    async def _asking(self, auth_method: str | None = None) -> AsyncIterator[AsyncOAuth2Client]:
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._client(token_endpoint_auth_method=auth_method) as client,
            ):
                yield client
        except _FAILURES as error:
            # By name alone: messages quote what was sent.
            raise ProviderUnavailable(type(error).__name__) from None

    def _client(self, **options: Any) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self.settings.client_id,
            self.settings.client_secret.reveal(),
            redirect_uri=self._redirect_uri,
            transport=Outgoing(self._tls, named=self._named),
            timeout=self._timeout,
            follow_redirects=False,
            trust_env=False,  # a proxy of the environment would take the place of the transport
            headers={"User-Agent": _AGENT},
            **options,
        )
