"""Who may do what: a staff role to come in, a second factor shown lately for changes, a permission of one's roles for
each route."""

from typing import Any

import structlog
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from admin.audit.service import AuditTrail
from admin.roles.service import Roles
from admin.staff.service import Staff
from common.auth import MULTI_FACTOR
from common.problems import Forbidden
from common.step_up import require_recent
from common.tokens import Principal

log = structlog.get_logger()

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


async def staff(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard, to stand after `authenticated`: the token carries a staff role."""
    principal: Principal = connection.scope["auth"]
    roles: Roles = connection.app.state.roles
    if not roles.names & principal.roles:
        log.warning("staff_role_missing", user_id=principal.subject)
        raise Forbidden(f"A staff role is missing: one of {', '.join(sorted(roles.names))}.")
    registry: Staff = connection.app.state.staff
    await registry.recognise(principal)


def second_factor_for_changes(max_age: int, *, public_url: str) -> Guard:
    """A guard, to stand after `staff`: whoever changes something has shown a second factor in the last `max_age`
    seconds. Raises StepUpRequired (RFC 9470)."""
    detail = (
        f"Changes by staff need a second factor, shown in the last {max_age // 60} minutes: POST {public_url}/auth/step-up."
        f" Set one up at {public_url}/auth/ui/security if you have none."
    )

    def is_sure(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        if connection.scope["method"] not in _READING:  # type: ignore[typeddict-item]
            require_recent(connection.scope["auth"], max_age=max_age, acr=MULTI_FACTOR, detail=detail)

    return is_sure


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
