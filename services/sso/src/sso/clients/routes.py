"""`/oauth2/clients`: the apps that people can sign in to through us, kept by staff."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from litestar import Router, delete, get, patch, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from msgspec import UNSET

from common import pagination
from common.auth import MULTI_FACTOR, authenticated
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import limited
from common.problems import FieldError, Forbidden, ValidationFailed
from common.schemas import JSONBody, Page
from common.step_up import require_recent
from common.tokens import Principal
from sso.clients import queries, service
from sso.clients.schemas import (
    ClientCreate,
    ClientRead,
    ClientRegistered,
    ClientSecret,
    ClientUpdate,
    described,
)
from sso.commands import SUPERADMIN
from sso.dependencies import CurrentCaller


def keeper(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A guard: whoever decides which apps are trusted has a say over every account, so it is a superadmin."""
    principal: Principal = connection.scope["auth"]
    if SUPERADMIN not in principal.roles:
        raise Forbidden(f"The role '{SUPERADMIN}' is missing.")


def with_two_factors(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A guard: somebody who has shown two factors lately. Raises StepUpRequired."""
    max_age: int = connection.app.state.step_up_max_age
    require_recent(connection.scope["auth"], max_age=max_age, acr=MULTI_FACTOR)


@get("/", summary="List the clients")
async def list_clients(
    read_db: ReadDb, limit: pagination.PageSize = 50, cursor: pagination.Cursor = None
) -> Page[ClientRead]:
    found = await queries.registered(read_db, before=_after(cursor), limit=limit + 1)
    following = _cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[described(client) for client in found[:limit]], next_cursor=following)


@post(
    "/", guards=[with_two_factors], summary="Register a client", description="Its secret is shown this once."
)
async def register_client(
    db: Db, user: CurrentUser, caller: CurrentCaller, data: JSONBody[ClientCreate]
) -> ClientRegistered:
    client, secret = await service.register(db, data=data, by=user.id, caller=caller)
    return ClientRegistered(client=described(client), client_secret=secret or UNSET)


@get("/{client_id:str}", summary="Read a client")
async def get_client(read_db: ReadDb, client_id: FromPath[str]) -> ClientRead:
    return described(await service.get(read_db, client_id))


@patch("/{client_id:str}", guards=[with_two_factors], summary="Change a client")
async def update_client(
    db: Db, user: CurrentUser, caller: CurrentCaller, client_id: FromPath[str], data: JSONBody[ClientUpdate]
) -> ClientRead:
    return described(await service.update(db, client_id, data=data, by=user.id, caller=caller))


@delete(
    "/{client_id:str}", guards=[with_two_factors], summary="Delete a client, and end what people do with it"
)
async def delete_client(db: Db, user: CurrentUser, caller: CurrentCaller, client_id: FromPath[str]) -> None:
    await service.delete(db, client_id, by=user.id, caller=caller)


@post(
    "/{client_id:str}/secret",
    guards=[with_two_factors],
    summary="Give a client a new secret",
    description="It is shown this once, and the one of before is good no more.",
)
async def renew_client_secret(
    db: Db, user: CurrentUser, caller: CurrentCaller, client_id: FromPath[str]
) -> ClientSecret:
    return ClientSecret(client_secret=await service.renew_secret(db, client_id, by=user.id, caller=caller))


def _cursor(client_id: str) -> str:
    return urlsafe_b64encode(client_id.encode()).decode().rstrip("=")


def _after(cursor: str | None) -> str | None:
    """The id that the page begins after. Not those of `common.pagination`: the ids of clients are no UUIDs alone."""
    if cursor is None:
        return None
    try:
        return urlsafe_b64decode(cursor + "==").decode()
    except (binascii.Error, ValueError) as error:
        message = "Not a cursor that this list gave."
        raise ValidationFailed(message, errors=[FieldError("$.cursor", message)]) from error


router = Router(
    "/oauth2/clients",
    middleware=[authenticated, limited],
    guards=[keeper],
    route_handlers=[
        list_clients, register_client, get_client, update_client, delete_client, renew_client_secret,
    ],
    tags=["Clients"],
    security=[{"bearer": []}],
)  # fmt: skip
