"""A provider that speaks OpenID Connect: by the authorization code flow, with what its discovery document says."""

from collections.abc import Mapping
from typing import Any

from sso.identities import id_tokens, profiles
from sso.identities.configuration import ProviderSettings
from sso.identities.discovery import Discovery, Metadata
from sso.identities.id_tokens import Expected, IdToken
from sso.identities.problems import SignInRefused
from sso.identities.profiles import Claims, Profile
from sso.identities.upstream import Attempt, Upstream


class OpenIdProvider:
    def __init__(self, settings: ProviderSettings, upstream: Upstream) -> None:
        self.settings = settings
        self._upstream, self._discovery = upstream, Discovery(upstream)

    async def authorization_url(self, attempt: Attempt) -> str:
        """Where the browser is sent. Raises ProviderUnavailable."""
        metadata = await self._discovery.metadata()
        return self._upstream.authorization_url(metadata.authorization_endpoint, attempt)

    async def check_issuer(self, issuer: str | None) -> None:
        """Raises SignInRefused unless the response came from this provider, as far as it says where it came from, which
        it must if it announced that (mix-up, RFC 9207 section 2.4)."""
        if issuer is None:
            if (await self._discovery.metadata()).authorization_response_iss_parameter_supported:
                raise SignInRefused("the response does not say whose it is")
        elif issuer != self.settings.issuer:
            raise SignInRefused("the response is another provider's")

    async def identify(self, code: str, attempt: Attempt) -> Profile:
        """Who signed in. Raises SignInRefused or ProviderUnavailable."""
        metadata = await self._discovery.metadata()
        tokens = await self._upstream.exchange(
            metadata.token_endpoint, code, attempt, auth_method=self._auth_method(metadata)
        )
        id_token, access_token = _text(tokens, "id_token"), _text(tokens, "access_token")
        claims = await self._verified(id_token, access_token, attempt, metadata)
        described: Claims = claims
        if metadata.userinfo_endpoint and None in (claims.email, claims.email_verified, claims.name):
            described = await self._described(metadata.userinfo_endpoint, access_token, claims)
        return profiles.from_claims(metadata.issuer, described)

    async def _described(self, endpoint: str, access_token: str, claims: Claims) -> Claims:
        """What the userinfo endpoint says, and `claims` where it says nothing."""
        described = await self._upstream.get(endpoint, Claims, access_token=access_token)
        # Otherwise somebody could have swapped the access token (OpenID Connect Core section 5.3.2).
        if described.sub != claims.sub:
            raise SignInRefused("the profile is somebody else's")
        if described.email is None:
            described.email, described.email_verified = claims.email, claims.email_verified
        described.name = described.name or claims.name
        return described

    async def _verified(
        self, id_token: str, access_token: str, attempt: Attempt, metadata: Metadata
    ) -> IdToken:
        expected = Expected(
            issuer=metadata.issuer,
            client_id=self.settings.client_id,
            nonce=attempt.nonce,
            needs_nonce=self.settings.nonce,
            algorithms=metadata.algorithms,
            access_token=access_token,
        )
        return await id_tokens.verify(id_token, self._discovery.key, expected)

    def _auth_method(self, metadata: Metadata) -> str:
        supported = metadata.token_endpoint_auth_methods_supported
        is_post_alone = "client_secret_basic" not in supported and "client_secret_post" in supported
        found = "client_secret_post" if is_post_alone else "client_secret_basic"
        return self.settings.auth_method or found


def _text(tokens: Mapping[str, Any], name: str) -> str:
    value = tokens.get(name)
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise SignInRefused(f"no {name}")
    return value
