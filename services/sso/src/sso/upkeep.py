"""What has to be done from time to time, by one process at a time: rotate keys, delete what has expired."""

import asyncio
from datetime import datetime, timedelta

import structlog

from common.db import Database
from common.ids import now
from common.leader import lead
from sso import one_time
from sso.api_keys import queries as api_keys
from sso.authorizations.models import AuthorizationCode
from sso.challenges.models import LoginChallenge
from sso.devices.models import DeviceCode
from sso.identities.models import OAuthState
from sso.keys import service as keys
from sso.keys.vault import Vault
from sso.lockouts import queries as lockouts
from sso.lockouts.service import REMEMBERED
from sso.logins import queries as logins
from sso.magic_links.models import MagicLink
from sso.oauth2 import queries as oauth2
from sso.one_time import OneTime
from sso.passkeys.models import PasskeyChallenge
from sso.password_resets.models import PasswordReset
from sso.security_events import queries as security_events
from sso.sessions import queries as sessions
from sso.totp import queries as totp
from sso.verifications.models import EmailVerification

log = structlog.get_logger()

EVERY = 3600.0
ATTEMPTS_KEPT = timedelta(days=90)
API_KEYS_KEPT = timedelta(days=90)  # after their end, so that their owner sees that one has expired
LINKS_KEPT = timedelta(days=7)  # after their end, so that whoever opens one is told why it does not work
_LINKS: tuple[type[OneTime], ...] = (EmailVerification, PasswordReset, MagicLink)
_CODES: tuple[type[OneTime], ...] = (
    LoginChallenge,
    PasskeyChallenge,
    OAuthState,
    DeviceCode,
)
CODES_KEPT = timedelta(days=1)  # used ones, so that to show one again ends what it gave (SECURITY 18)
UNOWNED_EVENTS_KEPT = timedelta(days=90)
EVENTS_KEPT = timedelta(days=400)


class Upkeep:
    def __init__(self, database: Database, vault: Vault, *, events_kept: timedelta = EVENTS_KEPT) -> None:
        self._database, self._vault, self._events_kept = database, vault, events_kept
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(lead(self._database, "upkeep", self._rounds))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _rounds(self) -> None:
        while True:
            try:
                await once(self._database, self._vault, at=now(), events_kept=self._events_kept)
            except Exception as error:  # noqa: BLE001 (a locked or full database: the next round will do)
                log.warning("upkeep_failed", error=type(error).__name__)
            await asyncio.sleep(EVERY)


async def once(
    database: Database, vault: Vault, *, at: datetime, events_kept: timedelta = EVENTS_KEPT
) -> None:
    await keys.rotate_if_due(database, vault, at=at)
    async with database.write() as db:
        await sessions.forget_expired(db, at=at)
        for kind in _LINKS:
            await one_time.forget_expired(db, kind, at=at - LINKS_KEPT)
        for kind in _CODES:
            await one_time.forget_expired(db, kind, at=at)
        await one_time.forget_expired(db, AuthorizationCode, at=at - CODES_KEPT)
        await security_events.forget(db, before=at - events_kept, unowned_before=at - UNOWNED_EVENTS_KEPT)
        await totp.forget_expired_setups(db, at=at)
        await logins.forget_before(db, at - ATTEMPTS_KEPT)
        await oauth2.forget_assertions(db, at=at)
        await lockouts.forget_before(db, at - REMEMBERED)
        await api_keys.forget(db, over_since=at - API_KEYS_KEPT)
