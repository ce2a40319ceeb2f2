"""`/.well-known`: the keys and what this server offers (OpenID Connect Discovery 1.0, RFC 8414)."""

import hashlib
from typing import Any

import msgspec
from litestar import Request, Response, get

from common.auth import INTERNAL_SCOPE
from common.limits import limited
from sso.dependencies import CurrentSettings, SigningKeys
from sso.keys.service import JWKS_MAX_AGE

CACHEABLE = {"Cache-Control": f"public, max-age={int(JWKS_MAX_AGE.total_seconds())}"}


class Metadata(msgspec.Struct):
    """What exists, and nothing else."""

    issuer: str
    jwks_uri: str
    token_endpoint: str
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    scopes_supported: list[str]
    response_types_supported: list[str]
    subject_types_supported: list[str]


@get("/.well-known/jwks.json", summary="The public keys of access tokens", tags=["Discovery"])
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
    issuer = settings.issuer
    content = Metadata(
        issuer=issuer,
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        token_endpoint=f"{issuer}/oauth2/token",
        grant_types_supported=["client_credentials"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        scopes_supported=[INTERNAL_SCOPE],
        response_types_supported=[],
        subject_types_supported=["public"],
    )
    return Response(content, headers=CACHEABLE)
