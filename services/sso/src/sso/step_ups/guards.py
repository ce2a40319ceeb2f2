"""The guard of routes that change what an account is protected by."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from common.db import Database
from common.tokens import Principal
from sso.step_ups import service


async def recently_authenticated(
    connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
) -> None:
    """A guard, to stand after `authenticated`. Raises StepUpRequired; see `step_ups.service.require`."""
    principal: Principal = connection.scope["auth"]
    database: Database = connection.app.state.database
    async with database.read() as db:
        await service.require(db, principal, max_age=connection.app.state.step_up_max_age)
