"""The request of a device, or rather of its app, which proves itself as it would at the token endpoint."""

from authlib.oauth2.rfc6749 import InvalidScopeError, OAuth2Error, UnauthorizedClientError

from common.db import Database
from sso.callers import Caller
from sso.clients.schemas import DEVICE_CODE
from sso.devices import service
from sso.devices.codes import UserCodes
from sso.devices.schemas import DeviceAuthorizationRequest
from sso.devices.service import Started
from sso.oauth2.client_authentication import METHODS
from sso.oauth2.clients import Client
from sso.oauth2.errors import Refusal
from sso.oauth2.requests import ClientRequest, from_form
from sso.oauth2.server import Parts, Server


async def start(
    database: Database,
    parts: Parts,
    codes: UserCodes,
    data: DeviceAuthorizationRequest,
    *,
    authorization: str,
    caller: Caller,
) -> Started | Refusal:
    """What the device is told. A refusal is returned: an assertion that was shown is used up all the same."""
    request = from_form(data, authorization=authorization)
    async with database.write() as db:
        try:
            client, scope = await Server(parts, db, caller).run(lambda server: _checked(server, request))
        except OAuth2Error as error:
            return Refusal(str(error.error), error.description, error.status_code)
        return await service.start(db, codes, client_id=client.id, scope=scope, caller=caller)


def _checked(server: Server, request: ClientRequest) -> tuple[Client, str]:
    """The client, and the scope that it may ask for. Raises OAuth2Error."""
    client = server.authenticate_client(request, METHODS, "device_authorization")
    if not client.check_grant_type(DEVICE_CODE):
        raise UnauthorizedClientError("The client is not registered for the device flow.")
    scope = client.get_allowed_scope(request.form.get("scope"))
    if scope is None:
        raise InvalidScopeError("The client may not have this scope.")
    return client, scope
