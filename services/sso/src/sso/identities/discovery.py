"""What an OpenID provider says about itself (OpenID Connect Discovery 1.0), and its keys."""

from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from sso.identities.configuration import url_mistake
from sso.identities.kept import Kept
from sso.identities.problems import ProviderUnavailable, SignInRefused
from sso.identities.upstream import Upstream

ALGORITHMS: dict[str, type[Key]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSAKey),
    **dict.fromkeys(("ES256", "ES384", "ES512"), ECKey),
    "Ed25519": OKPKey,
}
"""The algorithms that ID tokens may be signed by, each with its kind of key. All are asymmetric, so that nothing that
is public can sign (RFC 8725 section 2.1)."""
_MOST_KEYS = 100


class Metadata(msgspec.Struct, frozen=True):
    """The part of the document that we need, with the defaults that the specifications give."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def algorithms(self) -> frozenset[str]:
        return frozenset(self.id_token_signing_alg_values_supported).intersection(ALGORITHMS)


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


class Discovery:
    """One provider's documents: fetched when first needed, and from then on kept."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._metadata = Kept(self._fetch_metadata)
        self._keys = Kept(self._fetch_keys)

    async def metadata(self) -> Metadata:
        """Raises ProviderUnavailable."""
        return await self._metadata.get()

    async def key(self, kid: str, alg: str) -> Key:
        """The key `kid`, or where a token names none the only one, that `alg` can be verified with. Raises
        SignInRefused where the provider has no such key, ProviderUnavailable where it cannot be asked."""
        found = _suited(await self._keys.get(), kid, alg)
        if not found:
            found = _suited(await self._keys.get(renewed=True), kid, alg)
        if len(found) != 1:
            raise SignInRefused("unknown or ambiguous key")
        return found[0]

    async def _fetch_metadata(self) -> Metadata:
        issuer = self._upstream.settings.issuer
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = await self._upstream.get(url, Metadata)
        endpoints = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
        allows_http = issuer.startswith("http:")
        if metadata.issuer != issuer:
            raise ProviderUnavailable("the document is another issuer's")
        for endpoint in (*endpoints, metadata.userinfo_endpoint):
            if endpoint and url_mistake(endpoint, allows_http=allows_http):
                raise ProviderUnavailable("the document has an endpoint that is not https")
        return metadata

    async def _fetch_keys(self) -> list[Key]:
        jwks_uri = (await self.metadata()).jwks_uri
        found = await self._upstream.get(jwks_uri, _KeySet)
        return [key for jwk in found.keys[:_MOST_KEYS] if (key := _imported(jwk)) is not None]


def _imported(jwk: dict[str, Any]) -> Key | None:
    """The key; None for one that is of no use here, which a set may well have."""
    if jwk.get("use", "sig") != "sig" or jwk.get("kty") not in {"RSA", "EC", "OKP"}:
        return None
    try:
        return JWKRegistry.import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _suited(keys: list[Key], kid: str, alg: str) -> list[Key]:
    wanted = ALGORITHMS[alg]
    return [
        key
        for key in keys
        if isinstance(key, wanted) and key.get("alg") in (None, alg) and (not kid or key.kid == kid)
    ]
