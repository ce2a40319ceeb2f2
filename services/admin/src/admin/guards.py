"""Who may do what: a staff role to come in, a permission of one's roles for each route."""

from typing import Any

import structlog
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from admin.audit.service import AuditTrail
from admin.roles.service import Roles
from admin.staff.service import Staff
from common.problems import Forbidden
from common.tokens import Principal

log = structlog.get_logger()


async def staff(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard, to stand after `authenticated`: the token carries a staff role."""
    principal: Principal = connection.scope["auth"]
    roles: Roles = connection.app.state.roles
    if not roles.names & principal.roles:
        log.warning("staff_role_missing", user_id=principal.subject)
        raise Forbidden(f"A staff role is missing: one of {', '.join(sorted(roles.names))}.")
    registry: Staff = connection.app.state.staff
    await registry.recognise(principal)


def permission(name: str) -> Guard:
    """A guard, to stand after `staff`: one of the caller's roles has the permission `name`. A refusal is recorded."""

    async def is_permitted(
        connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
    ) -> None:
        principal: Principal = connection.scope["auth"]
        roles: Roles = connection.app.state.roles
        if name in roles.permissions_of(principal.roles):
            return
        trail: AuditTrail = connection.app.state.trail
        route = f"{connection.scope['method']} {connection.scope['path_template']}"  # type: ignore[typeddict-item]
        detail = {"permission": name, "route": route}
        await trail.record(principal, "access.denied", outcome="denied", detail=detail)
        held = ", ".join(sorted(principal.roles & roles.names))
        raise Forbidden(f"The permission '{name}' is missing; your role ({held}) does not have it.")

    return is_permitted
