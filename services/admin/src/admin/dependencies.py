"""What the handlers of this service ask for by name, beyond what all services have."""

from collections.abc import Callable
from typing import Any

from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from admin.audit.service import AuditTrail
from admin.health.service import Probe
from admin.roles.service import Roles
from admin.users.service import Users

RolesOfStaff = NamedDependency[SkipValidation[Roles]]
Trail = NamedDependency[SkipValidation[AuditTrail]]
UsersAtSso = NamedDependency[SkipValidation[Users]]
PlatformProbe = NamedDependency[SkipValidation[Probe]]


def _part(name: str) -> Callable[[State], Any]:
    def find(state: State) -> Any:
        return state[name]

    return find


PROVIDERS = {
    name: Provide(_part(name), sync_to_thread=False) for name in ("roles", "trail", "users", "probe")
}
