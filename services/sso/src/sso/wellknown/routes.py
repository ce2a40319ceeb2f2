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


@get("/.well-known/jwks.json", summary="The public keys of access and ID tokens", tags=["Discovery"])
async def jwks(request: Request[Any, Any, Any], keyring: SigningKeys) -> Response[bytes]:
    content = msgspec.json.encode(await keyring.public())
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**CACHEABLE, "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
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
