"""The registry of the apps that people sign in to through us: who is registered, with what, and for how long."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import UNSET, convert
from msgspec.structs import asdict, replace
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import new_id, new_token
from common.problems import NotFound, Problem, ValidationFailed
from sso import one_time
from sso.callers import Caller
from sso.clients import jwks, queries, rules
from sso.clients.models import SERVICE, OAuthClient
from sso.clients.schemas import ClientCreate, ClientUpdate, FirstPartyClient
from sso.security_events import service as security_events
from sso.sessions import service as sessions

_OPERATOR = Caller(ip="", user_agent="operator")


class ClientNotFound(NotFound):
    code, title = "CLIENT_NOT_FOUND", "Client not found"


class ClientFromSettings(Problem):
    status, code, title = 409, "CLIENT_FROM_SETTINGS", "This client is changed in the settings"


class ClientWithoutSecret(Problem):
    status, code, title = 409, "CLIENT_WITHOUT_SECRET", "This client does not prove itself by a secret"


async def get(db: AsyncSession, client_id: str) -> OAuthClient:
    """A client of the registry, of which the platform's services are no part. Raises ClientNotFound."""
    client = await queries.find_registered(db, client_id)
    if client is None:
        raise ClientNotFound
    return client


async def register(
    db: AsyncSession, *, data: ClientCreate, by: UUID, caller: Caller
) -> tuple[OAuthClient, str | None]:
    """A new client, and its secret if it proves itself by one. Raises ValidationFailed."""
    client = OAuthClient(id=str(new_id()), kind=data.kind, created_by=by)
    _apply(client, data)
    secret = _new_secret(client) if client.auth_method in rules.WITH_SECRET else None
    db.add(client)
    await db.flush()
    security_events.record(db, "client.registered", user_id=by, caller=caller, client=client.id)
    return client, secret


async def update(
    db: AsyncSession, client_id: str, *, data: ClientUpdate, by: UUID, caller: Caller
) -> OAuthClient:
    """Change a client. Sessions that were given a scope which it may have no more end at once. Raises ClientNotFound,
    ClientFromSettings or ValidationFailed."""
    client = await _changeable(db, client_id)
    changes = {name: value for name, value in asdict(data).items() if value is not UNSET}
    _apply(client, replace(_description(client), **changes))
    await _end_what_is_beyond(db, client, caller=caller)
    security_events.record(
        db, "client.changed", user_id=by, caller=caller, client=client.id, fields=" ".join(changes)
    )
    await db.flush()
    return client


async def renew_secret(db: AsyncSession, client_id: str, *, by: UUID, caller: Caller) -> str:
    """A new secret in place of the old one. Raises ClientNotFound, ClientFromSettings or ClientWithoutSecret."""
    client = await _changeable(db, client_id)
    if client.auth_method not in rules.WITH_SECRET:
        raise ClientWithoutSecret
    secret = _new_secret(client)
    security_events.record(db, "client.secret_renewed", user_id=by, caller=caller, client=client.id)
    return secret


async def delete(db: AsyncSession, client_id: str, *, by: UUID, caller: Caller) -> None:
    """Delete a client, and end what people did with it. Raises ClientNotFound or ClientFromSettings."""
    client = await _changeable(db, client_id)
    await _remove(db, client, caller=caller)
    security_events.record(db, "client.deleted", user_id=by, caller=caller, client=client_id)


async def register_services(db: AsyncSession, secrets: Mapping[str, str]) -> None:
    """Make the platform's services, which get tokens for each other by a secret, what the settings say."""
    await queries.forget_services_except(db, secrets.keys())
    for client_id, secret in secrets.items():
        await db.merge(OAuthClient(id=client_id, kind=SERVICE, secret_sha256=one_time.sha256(secret)))


async def register_first_party(
    db: AsyncSession, clients: Mapping[str, FirstPartyClient], *, public_url: str
) -> None:
    """Make the platform's own clients what the settings say, which have been checked; one that they no longer name is
    gone."""
    for client in await queries.from_settings(db):
        if client.id not in clients:
            await _remove(db, client, caller=_OPERATOR)
    for client_id, data in clients.items():
        found = await queries.find(db, client_id)
        client = found or OAuthClient(id=client_id)
        client.kind, client.created_by = rules.PUBLIC, None
        _fill(client, data.description(public_url))
        db.add(client)
        await _end_what_is_beyond(db, client, caller=_OPERATOR)


async def _end_what_is_beyond(db: AsyncSession, client: OAuthClient, *, caller: Caller) -> None:
    """End what gives the client, or would, a scope that it may have no more."""
    await queries.forget_grants(db, client.id, beyond=client.scopes)
    await sessions.end_of_client(db, client.id, reason="client_changed", caller=caller, beyond=client.scopes)


async def _changeable(db: AsyncSession, client_id: str) -> OAuthClient:
    client = await get(db, client_id)
    if client.is_from_settings:
        raise ClientFromSettings
    return client


async def _remove(db: AsyncSession, client: OAuthClient, *, caller: Caller) -> None:
    await sessions.end_of_client(db, client.id, reason="client_deleted", caller=caller)
    await db.flush()  # the sessions' last words to the client go with it
    await db.delete(client)


def _new_secret(client: OAuthClient) -> str:
    secret = new_token()
    client.secret_sha256 = one_time.sha256(secret)
    return secret


def _apply(client: OAuthClient, wanted: ClientCreate) -> None:
    """Make `client` what is `wanted`. Raises ValidationFailed with all that is wrong with that."""
    if errors := rules.mistakes(wanted):
        raise ValidationFailed("The client cannot be so.", errors=errors)
    _fill(client, wanted)


def _fill(client: OAuthClient, wanted: ClientCreate) -> None:
    client.name = wanted.name
    client.auth_method = rules.auth_method(wanted)
    client.jwks = jwks.checked(wanted.jwks) if wanted.jwks else None
    client.redirect_uris = wanted.redirect_uris
    client.post_logout_redirect_uris = wanted.post_logout_redirect_uris
    client.backchannel_logout_uri, client.home_uri = wanted.backchannel_logout_uri, wanted.home_uri
    client.grant_types, client.scopes = list(wanted.grant_types), wanted.scopes
    client.is_first_party = wanted.first_party
    if client.auth_method not in rules.WITH_SECRET:
        client.secret_sha256 = None


def _description(client: OAuthClient) -> ClientCreate:
    """`client` as it would be registered."""
    return convert(
        {
            "name": client.name,
            "kind": client.kind,
            "authMethod": client.auth_method,
            "jwks": client.jwks,
            "redirectUris": client.redirect_uris,
            "postLogoutRedirectUris": client.post_logout_redirect_uris,
            "backchannelLogoutUri": client.backchannel_logout_uri,
            "homeUri": client.home_uri,
            "grantTypes": client.grant_types,
            "scopes": client.scopes,
            "firstParty": client.is_first_party,
        },
        ClientCreate,
    )
