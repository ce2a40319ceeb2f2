"""Signing in on a device without a keyboard or a browser (RFC 8628): it shows a code, its owner types that elsewhere and
allows it, and the device, which keeps asking, gets a session of its own."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import new_token, now
from sso import one_time, outcomes
from sso.callers import Caller
from sso.clients import queries as clients
from sso.clients.models import OAuthClient
from sso.consents import service as consents
from sso.devices import queries
from sso.devices.codes import UserCodes
from sso.devices.models import APPROVED, DENIED, DeviceCode
from sso.lockouts import service as lockouts
from sso.lockouts.service import Limits
from sso.security_events import service as security_events
from sso.sessions import queries as sessions
from sso.sessions.browsers import Browser
from sso.users import queries as users
from sso.users.models import User

GOOD_FOR = timedelta(minutes=10)
INTERVAL = 5
"""Seconds between two questions of a device; SLOWER more whenever it did not wait so long."""
SLOWER = 5
WRONG_CODES = Limits(account=5, address=30)
"""Wrong codes after which somebody, or an address, has to wait (section 5.1)."""
FLOW = "device"


class Started(msgspec.Struct, frozen=True):
    """What the device is told."""

    device_code: str
    user_code: str


class Waiting(msgspec.Struct, frozen=True):
    """A request that waits for its owner's answer, and the app that made it."""

    request: DeviceCode
    client: OAuthClient


class Entry(Enum):
    """Why a code that was typed leads nowhere."""

    UNKNOWN = auto()
    TOO_MANY = auto()


class Answer(Enum):
    """What a device hears that gets no tokens (section 3.5). UNKNOWN are codes that were used before, too."""

    PENDING = auto()
    SLOW_DOWN = auto()
    DENIED = auto()
    EXPIRED = auto()
    UNKNOWN = auto()


class Approved(msgspec.Struct, frozen=True):
    """Who allowed the device what, and how surely they were authenticated when they did."""

    user: User
    amr: Sequence[str]
    authenticated_at: datetime
    scope: str


async def start(db: AsyncSession, codes: UserCodes, *, client_id: str, scope: str, caller: Caller) -> Started:
    """Note that a device asks for `scope`."""
    user_code = codes.new()
    while await queries.is_taken(db, _hash(codes, user_code)):
        user_code = codes.new()
    device_code, at = new_token(), now()
    request = DeviceCode(
        sha256=one_time.sha256(device_code),
        user_code_hash=_hash(codes, user_code),
        client_id=client_id,
        scope=scope,
        interval=INTERVAL,
        ip=caller.ip,
        user_agent=caller.user_agent,
        created_at=at,
        expires_at=at + GOOD_FOR,
    )
    db.add(request)
    outcomes.count(FLOW, "started")
    return Started(device_code, user_code)


def _hash(codes: UserCodes, user_code: str) -> bytes:
    hashed = codes.hash(user_code)
    assert hashed is not None  # noqa: S101 (it is one of ours)
    return hashed


async def enter(
    db: AsyncSession, codes: UserCodes, user_code: str, *, user: User, caller: Caller
) -> Waiting | Entry:
    """The request that waits under `user_code`. Wrong ones are counted for the user and for the address; the count has to
    be committed."""
    hashed = codes.hash(user_code)
    if hashed is None:
        return Entry.UNKNOWN  # no code looks like that, so nothing was guessed
    at = now()
    account = hashlib.sha256(b"device-codes" + user.id.bytes).digest()
    address = hashlib.sha256(b"device-codes" + lockouts.address_key(caller.ip)).digest()
    attempt = await lockouts.reserve(db, account=account, address=address, limits=WRONG_CODES, at=at)
    if attempt is None:
        outcomes.count(FLOW, "too_many_codes")
        return Entry.TOO_MANY
    found = await queries.pending(db, hashed, at=at)
    if found is None:
        security_events.record(db, "device.wrong_code", user_id=user.id, caller=caller)
        return Entry.UNKNOWN
    await lockouts.succeeded(db, attempt, at=at)
    return Waiting(*found)


async def decide(
    db: AsyncSession, request_id: UUID, browser: Browser, *, is_allowed: bool, caller: Caller
) -> bool:
    """Allow or deny a request, once; False if it waits no more."""
    decided = await queries.decide(
        db,
        request_id,
        state=APPROVED if is_allowed else DENIED,
        user_id=browser.user.id,
        session_id=browser.session.id,
        at=now(),
    )
    if decided is None:
        return False
    outcome = "approved" if is_allowed else "denied"
    security_events.record(
        db,
        f"device.{outcome}",
        user_id=browser.user.id,
        caller=caller,
        client=decided.client_id,
        ip=decided.ip,
    )
    client = await clients.find(db, decided.client_id)
    if is_allowed and client is not None:
        await consents.grant(db, browser.user, client, scopes=decided.scope.split(), caller=caller)
    outcomes.count(FLOW, outcome)
    return True


async def poll(db: AsyncSession, device_code: str, *, client_id: str) -> Approved | Answer:
    """What the device gets that shows `device_code`. Who is told Approved has used it up; this has to be committed,
    whatever it is."""
    owner = await queries.owner(db, one_time.sha256(device_code), client_id=client_id)
    if owner is not None:
        await users.lock(db, owner)  # before the code, as whoever ends all that an account has given does
    request = await queries.lock(db, one_time.sha256(device_code), client_id=client_id)
    at = now()
    if request is None or request.used_at is not None:
        return Answer.UNKNOWN
    if request.expires_at <= at:
        return Answer.EXPIRED
    if request.state == DENIED:
        return Answer.DENIED
    if request.state != APPROVED:
        return _wait(request, at)
    request.used_at = at
    return await _approved(db, request) or Answer.DENIED


def _wait(request: DeviceCode, at: datetime) -> Answer:
    earliest = request.last_polled_at and request.last_polled_at + timedelta(seconds=request.interval)
    request.last_polled_at = at
    if earliest is None or at >= earliest:
        return Answer.PENDING
    request.interval += SLOWER
    return Answer.SLOW_DOWN


async def _approved(db: AsyncSession, request: DeviceCode) -> Approved | None:
    """None if whoever allowed it has been signed out since, or suspended."""
    assert request.user_id is not None and request.session_id is not None  # noqa: S101, PT018 (it was decided)
    user = await users.lock(
        db, request.user_id
    )  # or the session could end unseen before the device has its own
    session = await sessions.find_live(db, request.session_id, user_id=request.user_id)
    if user is None or not user.is_active or session is None or session.expires_at <= now():
        return None
    return Approved(user, session.amr, session.authenticated_at, request.scope)
