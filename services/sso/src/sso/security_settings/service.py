"""What the security settings show of an account, gathered from the features that it belongs to."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common import pagination
from sso.api_keys import queries as api_keys
from sso.api_keys.models import ApiKey
from sso.consents import queries as consents
from sso.consents.schemas import ConsentRead
from sso.consents.schemas import described as described_consent
from sso.factors import service as factors
from sso.factors.schemas import MfaRead
from sso.identities import service as identities
from sso.identities.providers import Providers
from sso.identities.schemas import IdentityRead
from sso.passkeys import service as passkeys
from sso.passkeys.schemas import PasskeyRead
from sso.passkeys.schemas import described as described_passkey
from sso.security_events import queries as security_events
from sso.security_events.schemas import SecurityEventRead
from sso.security_events.schemas import described as described_event
from sso.sessions import service as sessions
from sso.sessions.browsers import Browser
from sso.sessions.models import PLATFORM_CLIENT
from sso.sessions.schemas import SessionRead
from sso.sessions.schemas import described as described_session

RECENT, ON_A_PAGE, MOST_KEYS = 5, 30, 50


class Overview(msgspec.Struct, frozen=True):
    """`devices` are sessions with us, the one that asks first; `app_sessions` says how many sessions an app has."""

    factors: MfaRead
    passkeys: list[PasskeyRead]
    identities: list[IdentityRead]
    devices: list[SessionRead]
    apps: list[ConsentRead]
    app_sessions: dict[str, int]
    api_keys: Sequence[ApiKey]
    events: list[SecurityEventRead]


async def overview(db: AsyncSession, browser: Browser, *, providers: Providers) -> Overview:
    user_id, current = browser.user.id, str(browser.session.id)
    live = await sessions.live(db, user_id)
    ours = [described_session(one, current=current) for one in live if one.client_id == PLATFORM_CLIENT]
    of_apps = [one.client_id for one in live if one.client_id != PLATFORM_CLIENT]
    return Overview(
        factors=await factors.overview(db, user_id),
        passkeys=[described_passkey(one) for one in await passkeys.of(db, user_id)],
        identities=await identities.listed(db, user_id, providers=providers),
        devices=sorted(ours, key=lambda session: not session.current),
        apps=[described_consent(*found) for found in await consents.listed(db, user_id)],
        app_sessions={client_id: of_apps.count(client_id) for client_id in of_apps},
        api_keys=await api_keys.newest(db, user_id, before=None, limit=MOST_KEYS),
        events=(await activity(db, user_id, cursor=None, limit=RECENT))[0],
    )


async def activity(
    db: AsyncSession, user_id: UUID, *, cursor: str | None, limit: int = ON_A_PAGE
) -> tuple[list[SecurityEventRead], str | None]:
    """What happened to the account, the newest first, and the cursor of what is older. Raises ValidationFailed."""
    rows = await security_events.newest(db, user_id, before=pagination.after(cursor), limit=limit + 1)
    found, following = pagination.cut(rows, limit)
    return [described_event(event) for event in found], following
