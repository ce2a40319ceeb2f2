"""`/auth/mfa/totp`: an authenticator app as second factor."""

from litestar import Router, delete, post

from common.auth import authenticated
from common.dependencies import CurrentUser, Db
from common.limits import Limit, limited
from common.schemas import JSONBody
from sso.dependencies import CurrentCaller, CurrentSettings, OwnTransactions, SecretsOfFactors
from sso.step_ups.guards import recently_authenticated
from sso.totp import service
from sso.totp.schemas import TotpConfirm, TotpConfirmed, TotpSetupRead


@post(
    "/",
    status_code=200,
    guards=[recently_authenticated],
    summary="Begin to set up an authenticator app",
    description="It counts once a code of it has confirmed that it is there; an app from before stays until then.",
)
async def set_up_totp(db: Db, user: CurrentUser, factor_secrets: SecretsOfFactors) -> TotpSetupRead:
    setup = await service.set_up(db, user.id, secrets=factor_secrets)
    return TotpSetupRead(
        secret=setup.secret,
        uri=setup.uri,
        qr_svg=setup.qr,
        expires_in=int(service.SETUP_GOOD_FOR.total_seconds()),
    )


@post(
    "/confirm",
    status_code=200,
    opt={"limit": Limit(30, 300)},
    summary="Confirm an authenticator app by a code of it",
)
async def confirm_totp(
    database: OwnTransactions,
    user: CurrentUser,
    factor_secrets: SecretsOfFactors,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: JSONBody[TotpConfirm],
) -> TotpConfirmed:
    recovery_codes = await service.confirm(
        database,
        user.id,
        data.code,
        secrets=factor_secrets,
        caller=caller,
        public_url=settings.issuer,
    )
    return TotpConfirmed(recovery_codes=recovery_codes)


@delete("/", guards=[recently_authenticated], summary="Remove the authenticator app")
async def remove_totp(db: Db, user: CurrentUser, caller: CurrentCaller, settings: CurrentSettings) -> None:
    await service.remove(db, user.id, caller=caller, public_url=settings.issuer)


router = Router(
    "/auth/mfa/totp",
    middleware=[authenticated, limited],
    route_handlers=[set_up_totp, confirm_totp, remove_totp],
    tags=["Second factors"],
    security=[{"bearer": []}],
)
