"""Whether somebody shows a second factor of their account, counted so that codes cannot be tried at leisure.

A wrong code counts against the account whichever sign-in it was for: who knows a password gets no new attempts by
using it again (SECURITY 6, 8).
"""

import hashlib
import math
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import now
from common.problems import Problem
from sso.callers import Caller
from sso.factors.problems import InvalidCode, TooManyAttempts
from sso.factors.secrets import FactorSecrets
from sso.factors.service import PASSKEY, RECOVERY_CODE, TOTP
from sso.lockouts import queries as lockout_queries
from sso.lockouts import service as lockouts
from sso.lockouts.service import Limits, Reservation
from sso.outcomes import count
from sso.passkeys import assertions
from sso.passkeys.challenges import Purpose
from sso.passkeys.relying_party import RelyingParty
from sso.recovery_codes import codebook
from sso.security_events import service as security_events
from sso.sessions.models import MFA
from sso.totp import service as totp
from sso.users.models import User

OTP = "otp"
"""Of the methods in `amr` (RFC 8176): a password that is good once, from an app or from paper."""


class Proof(msgspec.Struct, frozen=True):
    """What somebody shows: `code` for an app or a recovery code, `credential` (WebAuthn, as JSON) for a passkey."""

    method: str
    code: str = ""
    credential: dict[str, Any] | None = None


class SecondFactors:
    """What second factors are verified with."""

    def __init__(self, secrets: FactorSecrets, limits: Limits, party: RelyingParty) -> None:
        self.secrets = secrets
        self._limits, self._party = limits, party

    async def prove(
        self, db: AsyncSession, user: User, proof: Proof, *, caller: Caller, session_id: UUID | None = None
    ) -> list[str] | Problem:
        """How `user`, who is held by this transaction, was authenticated (RFC 8176) by `proof`; or what is to be raised
        once the transaction has committed: InvalidCode, or TooManyAttempts."""
        # Nobody guesses a passkey, so wrong ones are not counted, and wrong codes do not lock it.
        if proof.method == PASSKEY:
            amr = await self._by_passkey(db, user, proof, caller, session_id)
            return amr or self._refused(db, user, proof, caller, session_id)
        at = now()
        reservation = await self._reserve(db, user, caller, at)
        if isinstance(reservation, Problem):
            count("second_factor", "locked")
            return reservation
        amr = await self._verified(db, user, proof)
        if amr is None:
            return self._refused(db, user, proof, caller, session_id)
        await lockouts.succeeded(db, reservation, at=at)
        count("second_factor", "right")
        return amr

    @staticmethod
    def _refused(
        db: AsyncSession, user: User, proof: Proof, caller: Caller, session_id: UUID | None
    ) -> InvalidCode:
        security_events.record(
            db,
            "mfa.failed",
            user_id=user.id,
            session_id=session_id,
            caller=caller,
            method=proof.method,
        )
        count("second_factor", "wrong")
        return InvalidCode()

    async def _by_passkey(
        self, db: AsyncSession, user: User, proof: Proof, caller: Caller, session_id: UUID | None
    ) -> list[str] | None:
        purpose: Purpose = "second-factor" if session_id is None else "step-up"
        if not await assertions.is_shown(
            db, self._party, user, proof.credential or {}, purpose=purpose, caller=caller
        ):
            return None
        count("second_factor", "right")
        return list(assertions.AMR)

    async def _reserve(
        self, db: AsyncSession, user: User, caller: Caller, at: datetime
    ) -> Reservation | TooManyAttempts:
        account, address = _account_key(user.id), lockouts.address_key(caller.ip)
        reserved = await lockouts.reserve(db, account=account, address=address, limits=self._limits, at=at)
        if reserved is not None:
            return reserved
        counts = await lockout_queries.hold(db, {account, address}, at=at)
        until = max(found.locked_until for found in counts.values() if found.locked_until is not None)
        return TooManyAttempts(math.ceil((until - at).total_seconds()))

    async def _verified(self, db: AsyncSession, user: User, proof: Proof) -> list[str] | None:
        if proof.method == TOTP and await totp.use(db, user.id, proof.code, secrets=self.secrets):
            return [OTP, MFA]
        if proof.method == RECOVERY_CODE and await codebook.use(db, user.id, proof.code, self.secrets):
            return [OTP, MFA]
        return None


def _account_key(user_id: UUID) -> bytes:
    return hashlib.sha256(f"second-factor:{user_id}".encode()).digest()
