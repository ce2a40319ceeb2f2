"""The composition root of the account service."""

import account
from account.profiles.routes import internal_router, router
from account.settings import Settings
from common.edge import Edge
from common.service import Service


def create_app(settings: Settings) -> Edge:
    service = Service("account", settings, package_file=account.__file__)
    return service.app(
        prefix="/account/v1",
        description="Profiles of the people who use the platform.",
        routes=[router, internal_router],
        state={"settings": settings},
    )
