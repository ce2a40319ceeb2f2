"""Staff over HTTP."""

from litestar import get

from admin.dependencies import RolesOfStaff
from admin.staff.schemas import MeRead
from common.dependencies import CurrentUser


@get("/me", summary="Who I am here, and what I may do", tags=["Staff"], sync_to_thread=False)
def get_me(user: CurrentUser, roles: RolesOfStaff) -> MeRead:
    return MeRead(
        id=user.id,
        roles=sorted(user.roles & roles.names),
        permissions=sorted(roles.permissions_of(user.roles)),
    )
