"""Sign-ins that are under way at another provider. Each is good once and for 10 minutes, at the provider that it was
begun for, in the browser that began it (SECURITY 20)."""

import hmac
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import Database
from common.ids import new_token, now
from sso import one_time
from sso.identities.models import OAuthState
from sso.identities.problems import SignInStale
from sso.identities.upstream import Attempt
from sso.sessions.cookies import HostCookie
from sso.settings import Settings

GOOD_FOR = timedelta(minutes=10)
_LENGTH = len(new_token())


class OAuthCookie(HostCookie):
    """Which browser it is that began; the same for all that it has under way, in several tabs perhaps."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, "resumax_oauth", max_age=GOOD_FOR.total_seconds())

    def value_or_new(self, request: Request[Any, Any, Any]) -> str:
        found = self.value(request) or ""
        return found if len(found) == _LENGTH else new_token()


def new_attempt() -> Attempt:
    return Attempt(state=new_token(), nonce=new_token(), code_verifier=new_token(48))


def keep(
    db: AsyncSession,
    attempt: Attempt,
    *,
    provider_id: str,
    browser: str,
    continue_to: str,
    link_user_id: UUID | None = None,
) -> None:
    """Remember what `browser` is sent to the provider with, and where it goes afterwards; with `link_user_id` it links
    an identity to that account."""
    at = now()
    state = OAuthState(
        sha256=one_time.sha256(attempt.state),
        created_at=at,
        expires_at=at + GOOD_FOR,
        provider=provider_id,
        browser_sha256=one_time.sha256(browser),
        nonce=attempt.nonce,
        code_verifier=attempt.code_verifier,
        continue_to=continue_to,
        link_user_id=link_user_id,
    )
    db.add(state)


async def finish(database: Database, state: str, *, provider_id: str, browser: str | None) -> OAuthState:
    """The one that `state` belongs to, used up whatever it is. Raises SignInStale unless it was begun for this provider
    in this browser."""
    async with database.write() as db:
        found = await one_time.claim(db, OAuthState, state, at=now())
    if found is None:
        raise SignInStale("unknown, used or expired state")
    if found.provider != provider_id:
        raise SignInStale("the state is another provider's")
    if browser is None or not hmac.compare_digest(found.browser_sha256, one_time.sha256(browser)):
        raise SignInStale("the state is another browser's")
    return found
