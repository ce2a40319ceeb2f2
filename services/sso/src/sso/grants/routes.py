"""`POST /oauth2/token`."""

from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from common.limits import Limit, limited
from sso.api_keys import service as api_keys
from sso.dependencies import (
    CurrentCaller,
    CurrentSettings,
    OAuthParts,
    OwnTransactions,
    TokenResponding,
    TokenSigning,
)
from sso.grants import service
from sso.grants.schemas import TokenRequest
from sso.oauth2.errors import OAUTH_ERRORS, OAuthOperation, Refusal, refused
from sso.oauth2.issuing import TokenResponse

NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@post(
    "/oauth2/token",
    status_code=200,
    middleware=[limited],
    opt={"limit": Limit(300, 60)},
    exception_handlers=OAUTH_ERRORS,
    operation_class=OAuthOperation,
    summary="Get tokens for a code, a refresh token, an API key, or as a client",
    tags=["OAuth"],
)
async def issue_token(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    oauth: OAuthParts,
    token_responses: TokenResponding,
    access_tokens: TokenSigning,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: Annotated[TokenRequest, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[TokenResponse] | Response[bytes]:
    outcome: TokenResponse | Refusal
    if data.grant_type == api_keys.GRANT_TYPE:
        outcome = await service.exchange_api_key(database, access_tokens, data)
    else:
        authorization = request.headers.get("authorization", "")
        granted = await service.exchange(database, oauth, data, authorization=authorization, caller=caller)
        # Signed after the transaction: nobody waits for the writer meanwhile.
        outcome = granted if isinstance(granted, Refusal) else await token_responses.of(granted)
    if isinstance(outcome, Refusal):
        return refused(settings.issuer, outcome)
    return Response(outcome, headers=NOT_STORED)
