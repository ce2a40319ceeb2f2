"""Failed sign-ins, counted by account and by address, so that passwords cannot be tried at leisure (SECURITY 6).

An attempt is counted as failed before its password is hashed, in a transaction of its own, and taken back once it
turned out right: so of any number at once, on any number of replicas, no more than the limit get as far as a hash. At
the limit the account is locked for 30 s, and for twice as long with each failure after that, up to 15 minutes; whoever
tries meanwhile is not counted. Accounts that do not exist are counted alike. An address has a limit of its own, which
is higher, because a whole office may be behind it.
"""

import hashlib
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.limits import network_of
from sso.lockouts import queries
from sso.lockouts.models import AccountLockout

FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)
REMEMBERED = timedelta(hours=24)
"""How long after the last failure a count is forgotten."""
TELL_AGAIN_AFTER = timedelta(days=1)


class Limits(msgspec.Struct, frozen=True):
    """The failures with which an account, and an address, is locked."""

    account: int
    address: int


class Reservation(msgspec.Struct, frozen=True):
    """An attempt that is counted, its outcome not being known yet; and the lock of the address before and since."""

    account: bytes
    address: bytes
    locks_account: bool
    address_before: datetime | None
    address_since: datetime | None


def account_key(email_key: str) -> bytes:
    return hashlib.sha256(f"account:{email_key}".encode()).digest()


def address_key(ip: str) -> bytes:
    return hashlib.sha256(f"address:{network_of(ip)}".encode()).digest()


async def reserve(
    db: AsyncSession, *, account: bytes, address: bytes, limits: Limits, at: datetime
) -> Reservation | None:
    """Count an attempt on `account` from `address`; None if one of them is locked."""
    counts = await queries.hold(db, {account, address}, at=at)
    on_account, on_address = counts[account], counts[address]
    if _is_locked(on_account, at) or _is_locked(on_address, at):
        return None
    before = on_address.locked_until
    _count(on_account, limits.account, at)
    _count(on_address, limits.address, at)
    return Reservation(
        account=account,
        address=address,
        locks_account=_is_locked(on_account, at),
        address_before=before,
        address_since=on_address.locked_until,
    )


def _is_locked(count: AccountLockout, at: datetime) -> bool:
    return count.locked_until is not None and count.locked_until > at


def _count(count: AccountLockout, limit: int, at: datetime) -> None:
    is_forgotten = count.last_failed_at <= at - REMEMBERED
    count.failures = 1 if is_forgotten else count.failures + 1
    count.last_failed_at = at
    count.locked_until = at + delay(count.failures - limit) if count.failures >= limit else None


def delay(more: int) -> timedelta:
    """How long a lock is, `more` failures beyond the limit."""
    return min(FIRST * (1 << min(more, 10)), LONGEST)


async def succeeded(db: AsyncSession, reservation: Reservation, *, at: datetime) -> None:
    """The attempt was right: the account's count begins anew. Of the address only this attempt is taken back."""
    await queries.clear(db, reservation.account)
    await _take_back_from_address(db, reservation, at=at)


async def _take_back_from_address(db: AsyncSession, reservation: Reservation, *, at: datetime) -> None:
    on_address = (await queries.hold(db, {reservation.address}, at=at))[reservation.address]
    on_address.failures = max(on_address.failures - 1, 0)
    if on_address.locked_until == reservation.address_since:  # nobody has failed since
        on_address.locked_until = reservation.address_before


async def clear(db: AsyncSession, email_key: str) -> None:
    """Let the owner, who proved to be that in another way, try again at once."""
    await queries.clear(db, account_key(email_key))


async def owner_is_to_be_told(db: AsyncSession, reservation: Reservation, *, at: datetime) -> bool:
    """Whether this failure locks the account, and its owner has not been told of one in the last day. Asked once: it
    is noted that they are told now."""
    on_account = (await queries.hold(db, {reservation.account}, at=at))[reservation.account]
    told_at = on_account.told_owner_at
    if not reservation.locks_account or (told_at is not None and told_at > at - TELL_AGAIN_AFTER):
        return False
    on_account.told_owner_at = at
    return True
