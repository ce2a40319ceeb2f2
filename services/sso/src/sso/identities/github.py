"""GitHub, which knows OAuth 2.0 and no ID tokens: who signed in is asked of its API."""

from typing import Annotated

import msgspec
from msgspec import Meta

from sso.identities.configuration import ProviderSettings
from sso.identities.problems import NotGiven, SignInRefused
from sso.identities.profiles import Profile, email_in, name_in
from sso.identities.upstream import Attempt, Upstream


class _User(msgspec.Struct):
    id: Annotated[int, Meta(gt=0)]
    login: str
    name: str | None = None


class _Email(msgspec.Struct):
    email: str
    primary: bool
    verified: bool


class GitHubProvider:
    def __init__(self, settings: ProviderSettings, upstream: Upstream) -> None:
        self.settings, self._upstream = settings, upstream
        self._site, self._api = settings.issuer.rstrip("/"), settings.api_url.rstrip("/")

    async def authorization_url(self, attempt: Attempt) -> str:
        """Where the browser is sent."""
        return self._upstream.authorization_url(f"{self._site}/login/oauth/authorize", attempt)

    async def check_issuer(self, issuer: str | None) -> None:
        """Raises SignInRefused if the response says that it came from another provider (RFC 9207). GitHub calls itself
        by the address of its OAuth server; Enterprise Server, being older, says nothing."""
        if issuer not in (None, f"{self._site}/login/oauth"):
            raise SignInRefused("the response is another provider's")

    async def identify(self, code: str, attempt: Attempt) -> Profile:
        """Who signed in, by the account's number, which unlike its name never changes hands. Raises SignInRefused or
        ProviderUnavailable."""
        tokens = await self._upstream.exchange(
            f"{self._site}/login/oauth/access_token", code, attempt, auth_method="client_secret_post"
        )
        access_token = tokens.get("access_token")
        if not isinstance(access_token, str) or not access_token.isascii() or not access_token.isprintable():
            raise SignInRefused("no access_token")
        user = await self._upstream.get(f"{self._api}/user", _User, access_token=access_token)
        email = await self._email(access_token)
        return Profile(
            issuer=self.settings.issuer,
            subject=str(user.id),
            email=email,
            is_verified=bool(email),
            name=name_in(user.name) or name_in(user.login),
        )

    async def _email(self, access_token: str) -> str:
        """The primary address if it is verified; nothing where there is none, or it was not given to us."""
        try:
            emails = await self._upstream.get(
                f"{self._api}/user/emails", list[_Email], access_token=access_token
            )
        except NotGiven:  # the scope or the permission is missing
            return ""
        return next((email_in(found.email) for found in emails if found.primary and found.verified), "")
