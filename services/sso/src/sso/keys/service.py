"""The life of signing keys: there is always one in use and one that waits, published, to take over."""

import asyncio
from datetime import datetime, timedelta

import structlog
from joserfc.jwk import KeyParameters, RSAKey

from common.db import Database
from common.leader import leadership
from sso.keys import queries
from sso.keys.models import SigningKey
from sso.keys.vault import Vault

log = structlog.get_logger()

ROTATE_AFTER = timedelta(days=90)
JWKS_MAX_AGE = timedelta(seconds=300)
SEEN_AFTER = JWKS_MAX_AGE + timedelta(seconds=30)
"""How long a key is published before it signs: every cache of the JWKS has run out by then."""
LAST_TOKEN = timedelta(minutes=30)
"""How long a retired key stays in the JWKS: well beyond the life of what it signed, clocks apart included."""
_LOCK = "signing-keys"


async def ensure(database: Database, vault: Vault, *, at: datetime) -> None:
    """Make the first pair of keys. Nobody has fetched anything yet, so the second may take over at any time."""
    async with leadership(database, _LOCK):
        async with database.read() as db:
            if await queries.newest(db) is not None:
                return
        first, second = await _generate(), await _generate()
        async with database.write() as db:
            db.add(_row(first, vault, usable_from=at, active_from=at))
            db.add(_row(second, vault, usable_from=at))
        log.info("signing_keys_made", active=first.kid)


async def rotate(database: Database, vault: Vault, *, at: datetime) -> SigningKey:
    """Let the waiting key take over and publish another one to wait. Returns the one that takes over.

    That is at once, unless it was published too recently: then when all have had the time to fetch it.
    """
    async with leadership(database, _LOCK):
        fresh = await _generate()
        async with database.write() as db:
            current, successor = await queries.newest(db), await queries.waiting(db)
            if current is None or successor is None:
                raise RuntimeError("There are no signing keys yet: start the service once.")
            takes_over = max(at, successor.usable_from)
            current.retired_at = successor.active_from = takes_over
            db.add(_row(fresh, vault, usable_from=at + SEEN_AFTER))
        log.info("signing_keys_rotated", active=successor.kid, takes_over=takes_over.isoformat())
        return successor


async def rotate_if_due(database: Database, vault: Vault, *, at: datetime) -> None:
    """Rotate a key that has signed for 90 days; delete those that nothing alive was signed with."""
    async with database.read() as db:
        current = await queries.newest(db)
    if current is not None and current.active_from is not None and current.active_from + ROTATE_AFTER <= at:
        await rotate(database, vault, at=at)
    async with database.write() as db:
        await queries.forget_retired(db, before=at - LAST_TOKEN)


async def _generate() -> RSAKey:
    parameters: KeyParameters = {"use": "sig", "alg": "RS256"}
    return await asyncio.to_thread(lambda: RSAKey.generate_key(2048, parameters, auto_kid=True))


def _row(
    key: RSAKey, vault: Vault, *, usable_from: datetime, active_from: datetime | None = None
) -> SigningKey:
    kid = key.thumbprint()
    return SigningKey(
        kid=kid,
        public_jwk=key.as_dict(private=False),
        sealed_private_key=vault.seal(kid, key),
        usable_from=usable_from,
        active_from=active_from,
    )
