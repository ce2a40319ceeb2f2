"""Where the pages that sign somebody in go on to afterwards, and through which pages of others that may lead."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import Database
from sso.clients import queries as clients
from sso.clients import uris
from sso.clients.models import PUBLIC
from sso.continuations import asked_for, checked, with_continuation
from sso.oauth2.redirect_uris import is_registered


class Onward(msgspec.Struct, frozen=True):
    """`path` is one of our own. `asked_for` is the authorization request that it goes on with, if it is one, and
    `form_targets` are the origins to which the answer to that leads: see `pages.page`."""

    path: str
    asked_for: dict[str, str]
    form_targets: list[str]

    def after(self, page: str, **more: str) -> str:
        """The address of `page`, which goes on to the same."""
        return with_continuation(page, self.path, **more)


async def lead(database: Database, continue_to: str) -> Onward:
    """What an unchecked `continue_to` leads to."""
    asked = asked_for(continue_to)
    async with database.read() as db:
        return Onward(checked(continue_to), asked, await _form_targets(db, asked) if asked else [])


async def _form_targets(db: AsyncSession, asked: dict[str, str]) -> list[str]:
    """Of a client that there is, and an address that it has registered: nobody else widens the policy of a page."""
    client = await clients.find(db, asked.get("client_id", ""))
    if client is None:
        return []
    wanted = asked.get("redirect_uri") or next(iter(client.redirect_uris), "")
    if not is_registered(wanted, client.redirect_uris, is_native=client.kind == PUBLIC):
        return []
    return [uris.origin(wanted)]
