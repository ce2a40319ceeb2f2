"""`POST /oauth2/token`: the client-credentials grant for the platform's services (RFC 6749 section 4.4)."""

import base64
import binascii
from typing import Annotated, Any
from urllib.parse import unquote_plus

import msgspec
import structlog
from litestar import Request, Response, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.params import Body

from common import context
from common.dependencies import ReadDb
from common.limits import Limit, limited
from common.problems import MEDIA_TYPE
from sso.clients import service
from sso.clients.schemas import OAuthErrorBody, TokenRequest, TokenResponse
from sso.clients.service import InvalidClient, InvalidRequest, OAuthError
from sso.dependencies import TokenSigning

log = structlog.get_logger()


def on_oauth_error(request: Request[Any, Any, Any], exc: OAuthError) -> Response[bytes]:
    slug = exc.code.lower().replace("_", "-")
    body = OAuthErrorBody(
        error=exc.error,
        error_description=exc.detail,
        type=f"{request.app.state.service.settings.issuer}/problems/{slug}",
        title=exc.title,
        status=exc.status,
        detail=exc.detail,
        code=exc.code,
        request_id=context.request_id.get(),
    )
    headers = {"Cache-Control": "no-store", **exc.headers}
    return Response(msgspec.json.encode(body), status_code=exc.status, media_type=MEDIA_TYPE, headers=headers)


def on_bad_form(request: Request[Any, Any, Any], _exc: ClientException) -> Response[bytes]:
    return on_oauth_error(request, InvalidRequest("A form with one value for each parameter is expected."))


@post(
    "/oauth2/token",
    status_code=200,
    middleware=[limited],
    opt={"limit": Limit(300, 60)},
    exception_handlers={OAuthError: on_oauth_error, ClientException: on_bad_form},
    summary="Get a token for a service",
    tags=["OAuth"],
)
async def issue_token(
    request: Request[Any, Any, Any],
    read_db: ReadDb,
    access_tokens: TokenSigning,
    data: Annotated[TokenRequest, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[TokenResponse]:
    client_id, candidates = _credentials(request.headers.get("authorization", ""), data)
    client = await service.authenticate(read_db, client_id, *candidates)
    service.check_grant(data)
    log.info("service_token_issued", client_id=client.id, audience=data.audience)
    token = await access_tokens.for_service(client.id, data.audience)
    content = TokenResponse(access_token=token, expires_in=access_tokens.ttl, scope=data.scope)
    return Response(content, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _credentials(authorization: str, data: TokenRequest) -> tuple[str, list[str]]:
    """The client id, and the secrets it may have meant: many clients do not form-encode Basic credentials
    as RFC 6749 section 2.3.1 wants, so both readings are tried."""
    if not authorization:
        return data.client_id, [data.client_secret]
    if data.client_secret:
        raise InvalidRequest("Credentials came in the header and in the form.")
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise InvalidClient from None
    if scheme.lower() != "basic" or data.client_id not in {"", client_id}:
        raise InvalidClient
    return client_id, [secret, unquote_plus(secret)]
