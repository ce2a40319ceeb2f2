"""Attempts at the password of an account: counted before the hash, and turned away without a hint while there were too
many failures (SECURITY 5, 6). Whatever asks for a password that is set already goes through here."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.contracts.jobs import EmailJob
from common.db import Database
from common.ids import new_id, now
from common.jobs import enqueue
from sso.callers import Caller
from sso.lockouts import service as lockouts
from sso.lockouts.service import REMEMBERED, Limits, Reservation
from sso.lockouts.turns import LineTooLong, Turns
from sso.logins import queries
from sso.logins.models import LoginAttempt
from sso.passwords.hashing import HashingBusy, Passwords
from sso.security_events import service as security_events
from sso.settings import Settings
from sso.users import queries as users
from sso.users.models import User

_AT_ONCE_FROM_ADDRESS = 8
"""Enough to keep the cores busy, and few enough that people of one office who sign in at once do not lock it."""


class _Tried(msgspec.Struct, frozen=True):
    """Which account was tried, by whom. `known` is the hash that it had; without a `reservation` it is locked."""

    row_id: UUID
    email_key: str
    caller: Caller
    known: str | None
    reservation: Reservation | None


class Attempt:
    """One try. `verify` its password, then `settle` it in the transaction of what follows from it."""

    def __init__(self, passwords: Passwords, tried: _Tried, *, public_url: str) -> None:
        self._passwords, self._tried, self._public_url = passwords, tried, public_url

    @property
    def is_turned_away(self) -> bool:
        """Whether the account or the address is locked, so that no password is right."""
        return self._tried.reservation is None

    async def verify(self, password: str) -> bool:
        """Whether it is the account's password. Where there is none, and while it is locked, nobody's hash is what it
        is verified against, which takes the same time."""
        return await self._passwords.verify(password, None if self.is_turned_away else self._tried.known)

    async def renewed(self, password: str) -> str | None:
        """Another hash of `password`, which was right, if the one of before was made with other parameters."""
        known = self._tried.known
        is_outdated = known is not None and self._passwords.is_outdated(known)
        return await self.hash(password) if is_outdated else None

    async def hash(self, password: str) -> str:
        """The hash of a new `password`, in this attempt's place in the queue."""
        return await self._passwords.hash(password)

    async def settle(self, db: AsyncSession, *, is_right: bool, failure: str) -> User | None:
        """The account, held by the transaction, if its password was right and still is; else None, and `failure` goes
        on its trail. The transaction must commit either way."""
        tried = self._tried
        # Read again: it may have been suspended, or its password changed, while this one was hashed.
        user = await users.lock_by_email(db, tried.email_key)
        is_good = is_right and user is not None and user.is_active and user.password_hash == tried.known
        if is_good and tried.reservation is not None:
            await queries.mark_succeeded(db, tried.row_id)
            await lockouts.succeeded(db, tried.reservation, at=now())
            return user
        user_id = user.id if user is not None else None
        security_events.record(db, failure, user_id=user_id, caller=tried.caller)
        if tried.reservation is not None and tried.reservation.locks_account:
            await self._locked(db, user, tried.reservation)
        return None

    async def _locked(self, db: AsyncSession, user: User | None, reservation: Reservation) -> None:
        addresses = await queries.addresses(db, self._tried.email_key, since=now() - REMEMBERED)
        security_events.record(
            db,
            "account.locked",
            user_id=user.id if user is not None else None,
            caller=self._tried.caller,
            addresses=str(addresses),
        )
        is_to_be_told = await lockouts.owner_is_to_be_told(db, reservation, at=now())
        if is_to_be_told and user is not None and user.is_active:
            link = f"{self._public_url}/auth/ui/reset"
            mail = EmailJob(
                template="locked-out",
                to=user.email,
                locale=user.locale,
                data={"name": user.name, "link": link},
            )
            enqueue(
                db,
                mail,
                kind=EmailJob.KIND,
                user_id=user.id,
                priority="interactive",
                unique_key=f"locked-out.{self._tried.row_id}",
            )


class PasswordAttempts:
    """Lets attempts through, one after the other on each account: several right ones at once must not lock it."""

    def __init__(self, database: Database, passwords: Passwords, settings: Settings) -> None:
        self._database, self._passwords, self._public_url = database, passwords, settings.issuer
        self._limits = Limits(account=settings.lockout_after, address=settings.lockout_address_after)
        self._accounts, self._addresses = Turns(1), Turns(_AT_ONCE_FROM_ADDRESS)

    @asynccontextmanager
    async def on(self, email_key: str, *, caller: Caller) -> AsyncIterator[Attempt]:
        """An attempt on the account of `email_key`, which may not exist. Never call it inside a transaction. Raises
        HashingBusy, with nothing counted, if too many are at it."""
        account, address = lockouts.account_key(email_key), lockouts.address_key(caller.ip)
        async with AsyncExitStack() as turns:
            try:
                await turns.enter_async_context(self._accounts.of(account))
                await turns.enter_async_context(self._addresses.of(address))
            except LineTooLong:
                raise HashingBusy from None
            # Only now: those who wait for one account must not take the places of everybody.
            async with self._passwords.place():
                attempt = await self._reserve(email_key, account, address, caller)
                if attempt.is_turned_away:
                    await turns.aclose()  # there is nothing that others would have to wait for
                yield attempt

    async def _reserve(self, email_key: str, account: bytes, address: bytes, caller: Caller) -> Attempt:
        at = now()
        async with self._database.write() as db:
            user = await users.find_by_email(db, email_key)
            row = LoginAttempt(
                id=new_id(),
                user_id=user.id if user is not None else None,
                account_sha256=queries.account_sha256(email_key),
                ip=caller.ip,
                succeeded=False,
                at=at,
            )
            db.add(row)
            reservation = await lockouts.reserve(
                db, account=account, address=address, limits=self._limits, at=at
            )
        known = user.password_hash if user is not None else None
        tried = _Tried(row.id, email_key, caller, known, reservation)
        return Attempt(self._passwords, tried, public_url=self._public_url)
