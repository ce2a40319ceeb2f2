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
from sso.factors import mails
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


class _Attempt(msgspec.Struct, frozen=True):
    """Somebody who shows something: in a sign-in, or, to step up, in a session."""

    user: User
    proof: Proof
    caller: Caller
    session_id: UUID | None


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
        attempt = _Attempt(user, proof, caller, session_id)
        by = self._by_passkey if proof.method == PASSKEY else self._by_code
        outcome = await by(db, attempt)
        if isinstance(outcome, Problem):
            _record(db, "mfa.failed", attempt)
        count("second_factor", _word(outcome))
        return outcome

    async def _by_passkey(self, db: AsyncSession, attempt: _Attempt) -> list[str] | Problem:
        """Nobody guesses a passkey, so wrong ones are not counted, and wrong codes do not lock it."""
        purpose: Purpose = "second-factor" if attempt.session_id is None else "step-up"
        credential = attempt.proof.credential or {}
        is_shown = await assertions.is_shown(
            db, self._party, attempt.user, credential, purpose=purpose, caller=attempt.caller
        )
        return list(assertions.AMR) if is_shown else InvalidCode()

    async def _by_code(self, db: AsyncSession, attempt: _Attempt) -> list[str] | Problem:
        at = now()
        reservation = await self._reserve(db, attempt, at)
        if isinstance(reservation, Problem):
            return reservation
        if not await self._is_right(db, attempt):
            if await lockouts.owner_is_to_be_told(db, reservation, at=at):
                mails.tell_failed(db, attempt.user, public_url=self._party.public_url)
            return InvalidCode()
        await lockouts.succeeded(db, reservation, at=at)
        return [OTP, MFA]

    async def _reserve(
        self, db: AsyncSession, attempt: _Attempt, at: datetime
    ) -> Reservation | TooManyAttempts:
        account, address = _account_key(attempt.user.id), lockouts.address_key(attempt.caller.ip)
        reserved = await lockouts.reserve(db, account=account, address=address, limits=self._limits, at=at)
        if reserved is not None:
            return reserved
        counts = await lockout_queries.hold(db, {account, address}, at=at)
        until = max(found.locked_until for found in counts.values() if found.locked_until is not None)
        return TooManyAttempts(math.ceil((until - at).total_seconds()))

    async def _is_right(self, db: AsyncSession, attempt: _Attempt) -> bool:
        user_id, code = attempt.user.id, attempt.proof.code
        if attempt.proof.method == TOTP:
            return await totp.use(db, user_id, code, secrets=self.secrets)
        if attempt.proof.method != RECOVERY_CODE or not await codebook.use(db, user_id, code, self.secrets):
            return False
        _record(db, "mfa.recovery_code_used", attempt)
        return True


def _record(db: AsyncSession, kind: str, attempt: _Attempt) -> None:
    security_events.record(
        db,
        kind,
        user_id=attempt.user.id,
        session_id=attempt.session_id,
        caller=attempt.caller,
        method=attempt.proof.method,
    )


def _word(outcome: list[str] | Problem) -> str:
    if isinstance(outcome, Problem):
        return "wrong" if isinstance(outcome, InvalidCode) else "turned_away"
    return "right"


def _account_key(user_id: UUID) -> bytes:
    return hashlib.sha256(f"second-factor:{user_id}".encode()).digest()
