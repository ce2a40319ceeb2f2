"""`POST /auth/password/change`."""

from uuid import UUID

from litestar import Router, post

from common.auth import authenticated
from common.dependencies import CurrentUser
from common.limits import Limit, limited
from common.schemas import JSONBody
from sso.dependencies import (
    CurrentCaller,
    CurrentSettings,
    NewPasswordAcceptance,
    OwnTransactions,
    PasswordTrying,
)
from sso.passwords import service
from sso.passwords.schemas import PasswordChange


@post(
    "/change",
    status_code=204,
    opt={"limit": Limit(20, 900)},
    summary="Change your password",
    description="A wrong current password is 403 `CURRENT_PASSWORD_WRONG`, and counts as a failed sign-in.",
)
async def change_password(
    database: OwnTransactions,
    attempts: PasswordTrying,
    new_passwords: NewPasswordAcceptance,
    user: CurrentUser,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: JSONBody[PasswordChange],
) -> None:
    await service.change(
        database,
        attempts,
        new_passwords,
        user_id=user.id,
        session_id=UUID(user.session_id),
        data=data,
        caller=caller,
        public_url=settings.issuer,
    )


router = Router(
    "/auth/password",
    middleware=[authenticated, limited],
    route_handlers=[change_password],
    tags=["Password"],
    security=[{"bearer": []}],
)
