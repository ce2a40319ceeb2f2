"""Sharing as a part of the service: what it holds open, and all of its routes."""

from collections.abc import Sequence

from litestar import Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from api.settings import Settings
from api.shares import pages, routes, visitor_routes
from api.shares.files import Files
from api.shares.opening import Openings
from api.shares.passwords import Passwords
from api.shares.views import routes as views
from api.shares.views.counting import Counting
from common.blobs import Blobs
from common.db import Database


class Sharing:
    def __init__(self, settings: Settings, database: Database, blobs: Blobs) -> None:
        self.passwords = Passwords(settings)
        self.counting = Counting(database, public_url=settings.issuer)
        self.openings = Openings(database, self.counting, public_url=settings.issuer)
        self.files = Files(database, blobs)

    async def start(self) -> None:
        await self.counting.start()

    async def stop(self) -> None:
        await self.counting.stop()
        await self.openings.close()
        await self.passwords.close()


def _passwords(state: State) -> Passwords:
    sharing: Sharing = state.sharing
    return sharing.passwords


def _openings(state: State) -> Openings:
    sharing: Sharing = state.sharing
    return sharing.openings


def _files(state: State) -> Files:
    sharing: Sharing = state.sharing
    return sharing.files


ROUTES: Sequence[ControllerRouterHandler] = (
    Router(
        "/",
        route_handlers=[routes.router, views.router, visitor_routes.router, pages.router, *pages.assets],
        dependencies={
            "passwords": Provide(_passwords, sync_to_thread=False),
            "openings": Provide(_openings, sync_to_thread=False),
            "share_files": Provide(_files, sync_to_thread=False),
        },
    ),
)
