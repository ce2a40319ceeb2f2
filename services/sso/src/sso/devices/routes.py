"""`POST /oauth2/device_authorization` (RFC 8628 section 3.1)."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, post

from common.limits import Limit, limited
from sso.dependencies import (
    CurrentCaller,
    CurrentSettings,
    DeviceUserCodes,
    OAuthParts,
    OwnTransactions,
)
from sso.devices import authorization
from sso.devices.schemas import DeviceAuthorization, DeviceAuthorizationRequest
from sso.devices.service import GOOD_FOR, INTERVAL
from sso.forms import FormBody
from sso.oauth2.errors import OAUTH_ERRORS, OAuthOperation, Refusal, refused

PAGE = "/auth/ui/device"


@post(
    "/oauth2/device_authorization",
    status_code=200,
    middleware=[limited],
    opt={"limit": Limit(60, 60)},
    exception_handlers=OAUTH_ERRORS,
    operation_class=OAuthOperation,
    summary="Ask to be signed in on a device that has no keyboard or browser",
    tags=["OAuth"],
)
async def authorize_device(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    oauth: OAuthParts,
    user_codes: DeviceUserCodes,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: FormBody[DeviceAuthorizationRequest],
) -> Response[DeviceAuthorization] | Response[bytes]:
    outcome = await authorization.start(
        database,
        oauth,
        user_codes,
        data,
        authorization=request.headers.get("authorization", ""),
        caller=caller,
    )
    if isinstance(outcome, Refusal):
        return refused(settings.issuer, outcome)
    page = f"{settings.issuer}{PAGE}"
    content = DeviceAuthorization(
        device_code=outcome.device_code,
        user_code=outcome.user_code,
        verification_uri=page,
        verification_uri_complete=f"{page}?{urlencode({'user_code': outcome.user_code})}",
        expires_in=int(GOOD_FOR.total_seconds()),
        interval=INTERVAL,
    )
    return Response(content, headers={"Cache-Control": "no-store"})
