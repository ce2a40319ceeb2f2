"""The composition root of the admin service."""

from litestar import Router

import admin
from admin.audit.routes import router as audit
from admin.audit.service import AuditTrail
from admin.dependencies import PROVIDERS
from admin.guards import second_factor_for_changes, staff
from admin.health.routes import get_health
from admin.health.service import Probe
from admin.roles.service import Roles
from admin.settings import Settings
from admin.staff.routes import get_me
from admin.staff.service import Staff
from admin.users.routes import router as users
from admin.users.service import Users
from common.auth import authenticated
from common.edge import Edge
from common.limits import limited
from common.service import Service


def create_app(settings: Settings) -> Edge:
    service = Service("admin", settings, package_file=admin.__file__, calls=["sso"])
    roles = Roles(service.database)
    service.on_start(roles.load)
    trail = AuditTrail(service.database)
    probe = Probe(settings, own_state=service.unready)
    service.on_stop(probe.close)
    router = Router(
        "/admin/v1",
        middleware=[authenticated, limited],
        guards=[
            staff,
            second_factor_for_changes(settings.step_up_max_age, public_url=settings.issuer),
        ],
        dependencies=PROVIDERS,
        route_handlers=[get_me, users, audit, get_health],
        security=[{"bearer": []}],
    )
    return service.app(
        prefix="/admin/v1",
        description="For staff: users, what staff did, and the health of the platform.",
        routes=[router],
        state={
            "roles": roles,
            "trail": trail,
            "staff": Staff(service.database, trail),
            "users": Users(service.clients["sso"], trail, roles),
            "probe": probe,
        },
    )
