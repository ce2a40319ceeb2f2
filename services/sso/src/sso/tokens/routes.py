"""`/oauth2/userinfo`, `/oauth2/introspect`, `/oauth2/revoke`."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import SecurityRequirement
from litestar.params import Body

from common.dependencies import ReadDb
from common.limits import Limit, limited
from common.problems import Unauthorized
from common.tokens import InvalidToken, Principal, TokenVerifier
from sso.dependencies import CurrentCaller, CurrentSettings, TokenAnswering
from sso.oauth2.errors import OAUTH_ERRORS, InvalidRequest, OAuthOperation, Refusal, refused
from sso.tokens import service
from sso.tokens.schemas import Introspected, TokenForm, UserInfo

BEARER: list[SecurityRequirement] = [{"bearer": []}]
NO_STORE = {"Cache-Control": "no-store"}
# A client asks for all who use it, from one address.
LIMIT = {"limit": Limit(600, 60)}
Form = Annotated[TokenForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get(
    "/oauth2/userinfo",
    middleware=[limited],
    opt=LIMIT,
    summary="Who the access token speaks for",
    tags=["OAuth"],
    security=BEARER,
)
async def get_user_info(request: Request[Any, Any, Any], read_db: ReadDb) -> Response[UserInfo]:
    return await _user_info(request, read_db, "")


@post(
    "/oauth2/userinfo",
    status_code=200,
    middleware=[limited],
    opt=LIMIT,
    exception_handlers=OAUTH_ERRORS,
    operation_class=OAuthOperation,
    summary="The same, with the access token in a form",
    tags=["OAuth"],
    security=BEARER,
)
async def post_user_info(request: Request[Any, Any, Any], read_db: ReadDb) -> Response[UserInfo]:
    form = await request.form()
    tokens = form.getall("access_token", [])
    if len(tokens) > 1 or (tokens and "authorization" in request.headers):
        raise InvalidRequest("The access token came more than once.")
    return await _user_info(request, read_db, str(tokens[0]) if tokens else "")


async def _user_info(request: Request[Any, Any, Any], db: ReadDb, in_form: str) -> Response[UserInfo]:
    principal = await _principal(request, in_form)
    return Response(await service.user_info(db, principal), headers=NO_STORE)


async def _principal(request: Request[Any, Any, Any], in_form: str) -> Principal:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not scheme and not in_form:
        raise Unauthorized
    if scheme and scheme.lower() != "bearer":
        raise InvalidToken("not a bearer token")
    verifier: TokenVerifier = request.app.state.verifier
    return await verifier.verify(token.strip() or in_form)


@post(
    "/oauth2/introspect",
    status_code=200,
    middleware=[limited],
    opt=LIMIT,
    exception_handlers=OAUTH_ERRORS,
    operation_class=OAuthOperation,
    summary="What a token is, for its client",
    tags=["OAuth"],
)
async def introspect(
    request: Request[Any, Any, Any],
    tokens: TokenAnswering,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: Form,
) -> Response[Introspected] | Response[bytes]:
    authorization = request.headers.get("authorization", "")
    outcome = await tokens.introspect(data, authorization=authorization, caller=caller)
    if isinstance(outcome, Refusal):
        return refused(settings.issuer, outcome)
    return Response(msgspec.convert(outcome, Introspected), headers=NO_STORE)


@post(
    "/oauth2/revoke",
    status_code=200,
    middleware=[limited],
    opt=LIMIT,
    exception_handlers=OAUTH_ERRORS,
    operation_class=OAuthOperation,
    summary="End a token, as its client",
    tags=["OAuth"],
)
async def revoke(
    request: Request[Any, Any, Any],
    tokens: TokenAnswering,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: Form,
) -> Response[dict[str, str]] | Response[bytes]:
    authorization = request.headers.get("authorization", "")
    refusal = await tokens.revoke(data, authorization=authorization, caller=caller)
    if refusal is not None:
        return refused(settings.issuer, refusal)
    # Nobody has to read it (RFC 7009 section 2.2), but some clients take nothing that is not JSON.
    nothing: dict[str, str] = {}
    return Response(nothing, headers=NO_STORE)
