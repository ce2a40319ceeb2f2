"""The rules of API keys: their owner makes them, each for some scopes and for some time; a service, or whoever holds
one, exchanges it for an access token. Only their SHA-256 is stored (see `common.api_keys` for what they look like)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from common.api_keys import InvalidApiKey, is_well_formed, new_key
from common.auth import SINGLE_FACTOR
from common.db import Database
from common.ids import new_id, now
from common.problems import FieldError, NotFound, Problem, Unauthorized, ValidationFailed
from sso import outcomes
from sso.api_keys import queries
from sso.api_keys.models import ApiKey
from sso.api_keys.schemas import SCOPES, ApiKeyCreate
from sso.callers import Caller
from sso.one_time import sha256
from sso.security_events import service as security_events
from sso.sessions import queries as sessions
from sso.sessions.revocations import revoke_session
from sso.tokens.access import AccessTokens, audiences
from sso.users import queries as users

log = structlog.get_logger()

CLIENT = "api-key"
"""The `client_id` of the access tokens that keys are exchanged for."""
GRANT_TYPE = "urn:resumax:api-key"
MOST = 50
GOOD_FOR, LONGEST = timedelta(days=90), timedelta(days=365)
NOTE_USE_EVERY = timedelta(minutes=1)
_NOTE_USE_WITHIN = 0.5  # seconds: somebody waits for the token
_HINT = 4


class ApiKeyNotFound(NotFound):
    code, title = "API_KEY_NOT_FOUND", "API key not found"


class ApiKeyLimitReached(Problem):
    status, code, title = 409, "API_KEY_LIMIT_REACHED", f"An account has {MOST} API keys at most"


class ApiKeyInvalid(Problem):
    """Mistyped, unknown, expired, revoked, its owner's account suspended: all look alike."""

    status, code, title = 400, "API_KEY_INVALID", "The API key is not valid"


class ApiKeyAudienceInvalid(Problem):
    status, code, title = 400, "INVALID_TARGET", "The scopes of this API key do not reach this audience"


class ExchangedKey(msgspec.Struct, frozen=True):
    """An access token for a key; `expires_in` are its seconds."""

    access_token: str
    expires_in: int
    scope: str


async def create(
    db: AsyncSession, user_id: UUID, *, session_id: UUID, data: ApiKeyCreate, caller: Caller
) -> tuple[ApiKey, str]:
    """A new key of the user, made in the session, and the secret itself. Raises ValidationFailed, ApiKeyLimitReached or,
    if the session has just ended, Unauthorized."""
    at, key = now(), new_key()
    expires_at = _checked_end(data, at)
    await users.lock(db, user_id)  # so that no two are the last one, and none is made while all of them end
    if await sessions.find_live(db, session_id, user_id=user_id) is None:
        raise Unauthorized
    if await queries.count_live(db, user_id, at=at) >= MOST:
        raise ApiKeyLimitReached
    api_key = ApiKey(
        id=new_id(),
        user_id=user_id,
        name=data.name.strip(),
        sha256=sha256(key),
        hint=key[-_HINT:],
        scopes=[scope for scope in SCOPES if scope in data.scopes],
        created_at=at,
        expires_at=expires_at,
    )
    db.add(api_key)
    await db.flush()
    security_events.record(
        db,
        "api_key.created",
        user_id=user_id,
        caller=caller,
        key=str(api_key.id),
        hint=api_key.hint,
        scopes=" ".join(api_key.scopes),
    )
    outcomes.count("api_key", "created")
    return api_key, key


def _checked_end(data: ApiKeyCreate, at: datetime) -> datetime | None:
    if data.expires_at is msgspec.UNSET:
        return at + GOOD_FOR
    if data.expires_at is not None and not at < data.expires_at <= at + LONGEST:
        message = f"This is not between now and {LONGEST.days} days from now."
        raise ValidationFailed(message, errors=[FieldError("$.expiresAt", message)])
    return data.expires_at


async def revoke(db: AsyncSession, key_id: UUID, *, user_id: UUID, caller: Caller) -> None:
    """End a key of the user, on every service within a second. Raises ApiKeyNotFound."""
    revoked = await queries.revoke(db, user_id, at=now(), key_id=key_id)
    if not revoked:
        raise ApiKeyNotFound
    _end(db, *revoked[0], user_id=user_id, caller=caller, reason="revoked")


async def revoke_all(db: AsyncSession, user_id: UUID, *, reason: str, caller: Caller) -> None:
    """End every key of the user: whoever got into the account may have made some to stay (SECURITY 13)."""
    for key_id, hint in await queries.revoke(db, user_id, at=now()):
        _end(db, key_id, hint, user_id=user_id, caller=caller, reason=reason)


def _end(db: AsyncSession, key_id: UUID, hint: str, *, user_id: UUID, caller: Caller, reason: str) -> None:
    revoke_session(db, key_id)
    security_events.record(
        db, "api_key.revoked", user_id=user_id, caller=caller, key=str(key_id), hint=hint, reason=reason
    )
    outcomes.count("api_key", "revoked")


async def exchange(
    database: Database, access_tokens: AccessTokens, key: str, *, audience: str = ""
) -> ExchangedKey:
    """An access token for `key`: for every service that its scopes reach, or for one of them alone.

    Raises ApiKeyInvalid or ApiKeyAudienceInvalid.
    """
    api_key = await _usable(database, key)
    reached = audiences(" ".join(api_key.scopes), is_staff=False)
    if audience and audience not in reached:
        raise ApiKeyAudienceInvalid
    return await _exchanged(database, access_tokens, api_key, [audience] if audience else reached)


async def exchange_for_service(
    database: Database, access_tokens: AccessTokens, key: str, *, service: str
) -> ExchangedKey:
    """An access token for `service` alone, which was shown `key`: also where no scope of it reaches there, so that the
    service can tell the caller which one is missing. Raises ApiKeyInvalid."""
    return await _exchanged(database, access_tokens, await _usable(database, key), [service])


async def exchange_here(database: Database, access_tokens: AccessTokens, key: str) -> str:
    """What `common.api_keys.Exchange` wants, for the keys that are shown to the SSO itself."""
    try:
        return (await exchange_for_service(database, access_tokens, key, service="sso")).access_token
    except ApiKeyInvalid:
        raise InvalidApiKey from None


async def _usable(database: Database, key: str) -> ApiKey:
    api_key = None
    if is_well_formed(key):
        async with database.read() as db:
            api_key = await queries.usable(db, sha256(key), at=now())
    if api_key is None:
        outcomes.count("api_key", "refused")
        raise ApiKeyInvalid
    return api_key


async def _exchanged(
    database: Database, access_tokens: AccessTokens, api_key: ApiKey, services: Sequence[str]
) -> ExchangedKey:
    at, scope = now(), " ".join(api_key.scopes)
    claims = {
        "sub": str(api_key.user_id),
        "aud": list(services),
        "sid": str(api_key.id),  # what ends a session everywhere ends a key
        "client_id": CLIENT,
        "scope": scope,
        "roles": [],
        "acr": SINGLE_FACTOR,
    }
    token = await access_tokens.signed(claims, until=api_key.expires_at)
    await _note_use(database, api_key, at)
    outcomes.count("api_key", "exchanged")
    left = int((api_key.expires_at - at).total_seconds()) if api_key.expires_at else access_tokens.ttl
    return ExchangedKey(token, min(access_tokens.ttl, left), scope)


async def _note_use(database: Database, api_key: ApiKey, at: datetime) -> None:
    """Keep when the key was used last, at most once a minute. A key works also while nothing can be written: whoever
    asked does not wait for that, and does not cancel it either."""
    if api_key.last_used_at is None or at - api_key.last_used_at >= NOTE_USE_EVERY:
        await asyncio.wait([asyncio.create_task(_write_use(database, api_key, at))], timeout=_NOTE_USE_WITHIN)


async def _write_use(database: Database, api_key: ApiKey, at: datetime) -> None:
    try:
        async with database.write() as db:
            await queries.note_use(db, api_key.id, at=at)
    except (DBAPIError, PoolTimeout) as error:
        log.warning("api_key_use_not_noted", error=type(error).__name__)
