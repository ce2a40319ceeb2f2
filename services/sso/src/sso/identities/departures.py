"""Sending browsers to other providers."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request
from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncSession

from sso.identities import states
from sso.identities.destinations import Destinations
from sso.identities.providers import Providers
from sso.identities.states import OAuthCookie
from sso.settings import Settings


class Departure(msgspec.Struct, frozen=True):
    """Where a browser has to go, and what it has to keep until it is back."""

    address: str
    cookie: Cookie


class Departures:
    """`cookie` tells browsers apart, `destinations` are where they may go on to once they are back."""

    def __init__(self, settings: Settings, providers: Providers) -> None:
        self._providers = providers
        self.cookie, self.destinations = OAuthCookie(settings), Destinations(settings)

    async def begin(
        self,
        db: AsyncSession,
        request: Request[Any, Any, Any],
        provider_id: str,
        *,
        continue_to: str,
        link_user_id: UUID | None = None,
    ) -> Departure:
        """The way to the provider for the browser that sent `request`; with `link_user_id` to link an identity to that
        account. `db` has no transaction yet. Raises ProviderNotFound or ProviderUnavailable."""
        attempt, browser = states.new_attempt(), self.cookie.value_or_new(request)
        address = await self._providers.get(provider_id).authorization_url(attempt)
        states.keep(
            db,
            attempt,
            provider_id=provider_id,
            browser=browser,
            continue_to=continue_to,
            link_user_id=link_user_id,
        )
        return Departure(address, self.cookie.holding(browser))
