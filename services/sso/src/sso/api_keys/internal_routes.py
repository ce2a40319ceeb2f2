"""`/internal/api-keys`: what a service asks about a key that it was shown."""

from litestar import Router, post

from common.auth import internal
from common.contracts.api_keys import ApiKeyExchange, ApiKeyToken
from common.dependencies import CurrentUser
from common.schemas import JSONBody
from sso.api_keys import service
from sso.dependencies import OwnTransactions, TokenSigning


@post("/exchange", status_code=200, summary="Exchange a key for an access token to the service that asks")
async def exchange_api_key(
    database: OwnTransactions, access_tokens: TokenSigning, user: CurrentUser, data: JSONBody[ApiKeyExchange]
) -> ApiKeyToken:
    exchanged = await service.exchange_for_service(
        database, access_tokens, data.api_key, service=user.subject
    )
    return ApiKeyToken(access_token=exchanged.access_token)


router = Router(
    "/internal/api-keys",
    middleware=[internal],
    route_handlers=[exchange_api_key],
    tags=["Internal"],
    security=[{"bearer": []}],
)
