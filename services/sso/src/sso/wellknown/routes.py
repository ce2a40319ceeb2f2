"""`/.well-known`: the keys and what this server offers (OpenID Connect Discovery 1.0, RFC 8414)."""

import hashlib
from typing import Any

import msgspec
from litestar import Request, Response, get

from common.limits import limited
from sso.dependencies import CurrentSettings, SigningKeys
from sso.keys.service import JWKS_MAX_AGE
from sso.pages import PAGES
from sso.wellknown.metadata import Metadata, of

CACHEABLE = {"Cache-Control": f"public, max-age={int(JWKS_MAX_AGE.total_seconds())}"}


class JwkSet(msgspec.Struct):
    """RFC 7517 section 5."""

    keys: list[dict[str, Any]]


@get(
    "/.well-known/jwks.json",
    media_type="application/jwk-set+json",
    summary="The public keys of access and ID tokens",
    tags=["Discovery"],
)
async def jwks(request: Request[Any, Any, Any], keyring: SigningKeys) -> Response[JwkSet | None]:
    content = msgspec.convert(await keyring.public(), JwkSet)
    etag = f'"{hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:32]}"'
    headers = {**CACHEABLE, "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(None, status_code=304, headers=headers)
    return Response(content, media_type="application/jwk-set+json", headers=headers)


@get(
    ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"],
    middleware=[limited],
    summary="What this authorization server offers",
    tags=["Discovery"],
)
async def metadata(settings: CurrentSettings) -> Response[Metadata]:
    content = of(settings.issuer, languages=sorted(PAGES.languages.catalogues))
    return Response(content, headers=CACHEABLE)
