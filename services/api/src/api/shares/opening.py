"""Opening a link: from its slug to what it shows, for pages and for programs."""

import asyncio
from functools import partial
from typing import Any

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.shares import access, passes, queries, showing
from api.shares.access import PasswordRequired, Shared, ShareNotFound
from api.shares.making import Making
from api.shares.models import Share
from api.shares.showing import Kept, Made, Shown
from api.shares.views.counting import Counting
from common.db import Database
from common.ids import now

Found = Made | asyncio.Future[Made] | Shown
"""A page, the one that is being made, or what to make it of."""


class Openings:
    """What is opened here, with the pages that were made last."""

    def __init__(self, database: Database, counting: Counting, *, public_url: str) -> None:
        self._database, self._counting, self._public_url = database, counting, public_url
        self._kept, self._making = Kept(), Making()

    async def close(self) -> None:
        await self._making.close()

    async def look(self, request: Request[Any, Any, Any], slug: str) -> tuple[Shared, Made, bool]:
        """The page of a link for whoever is admitted to it, without counting; and whether it was at hand.

        Raises ShareNotFound, PasswordRequired.
        """
        async with self._database.read() as db:
            shared = await access.find(db, slug)
            if not access.is_admitted(request, shared.share):
                raise PasswordRequired
            found = await self._find(db, shared)
        return shared, await self._page(shared, found), isinstance(found, Made)

    async def count(self, request: Request[Any, Any, Any], share: Share) -> None:
        """Count that the page is seen now. Raises ShareNotFound if that was not to be any more."""
        is_bounded = share.max_views is not None
        if is_bounded:
            async with self._database.write() as db:
                if not await queries.take_open(db, share, at=now()):
                    raise ShareNotFound
        self._counting.viewed(request, share.id, counts_opens=not is_bounded)

    async def read(self, request: Request[Any, Any, Any], slug: str) -> tuple[Shared, Shown]:
        """What a link shows, counted as seen. Raises ShareNotFound, PasswordRequired."""
        async with self._database.read() as db:
            shared = await access.find(db, slug)
            if not access.is_admitted(request, shared.share):
                raise PasswordRequired
            shown = await showing.read(db, shared)
        await self.count(request, shared.share)
        return shared, shown

    async def for_file(
        self, request: Request[Any, Any, Any], slug: str, shown_pass: str
    ) -> tuple[Shared, Made]:
        """The link for a visitor who wants its file: of one that may be opened so often only, whoever has opened it.

        Raises ShareNotFound, PasswordRequired.
        """
        async with self._database.read() as db:
            shared = await access.find(db, slug, spent_too=True)
            share = shared.share
            is_bounded = share.max_views is not None
            if not share.allow_download:
                raise ShareNotFound
            if is_bounded and not passes.is_good(_key(share), "file", shown_pass, at=now()):
                raise ShareNotFound
            if not access.is_admitted(request, share):
                raise PasswordRequired
            found = await self._find(db, shared)
        return shared, await self._page(shared, found)

    def downloaded(self, request: Request[Any, Any, Any], share: Share) -> None:
        self._counting.downloaded(request, share.id)

    async def card(self, slug: str) -> tuple[Shared, Made | None]:
        """The link whose picture is wanted; without its page if that shows more than anybody may see.

        Raises ShareNotFound.
        """
        async with self._database.read() as db:
            shared = await access.find(db, slug)
            if not access.is_for_everybody(shared.share):
                return shared, None
            found = await self._find(db, shared)
        return shared, await self._page(shared, found)

    async def _find(self, db: AsyncSession, shared: Shared) -> Found:
        return self._kept.find(shared) or self._making.find(shared) or await showing.read(db, shared)

    async def _page(self, shared: Shared, found: Found) -> Made:
        """The page, of which there is one however many wait for it. Raises Unavailable."""
        if isinstance(found, Made):
            return found
        if isinstance(found, Shown):
            make = partial(showing.make, shared, found, public_url=self._public_url)
            found = self._making.begin(shared, make)
        made = await asyncio.shield(found)
        self._kept.keep(shared, made)
        return made


def with_pass(made: Made, share: Share) -> bytes:
    """The page with a pass of this visit for the file, where only those who have opened the link may have it."""
    if share.max_views is None:
        return made.html
    ticket = passes.issued(_key(share), "file", at=now())
    return made.html.replace(f"?pass={showing.THIS_VISIT}".encode(), f"?pass={ticket}".encode())


def without_picture(html: bytes, made: Made) -> bytes:
    """The page as long as its picture is not drawn: what is given meanwhile must have another address."""
    address = showing.picture(made.naming)
    return html.replace(address.encode(), address.partition("?")[0].encode(), 1)


def _key(share: Share) -> bytes:
    """Another one with every change of the link, too: what it allowed before is over."""
    return share.key + share.version.to_bytes(8, "big")
