"""`/auth/mfa/recovery-codes`: what stands in for a second factor that is not at hand."""

from litestar import Router, get, post

from common.auth import authenticated
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import limited
from sso.dependencies import CurrentCaller, CurrentSettings, SecretsOfFactors
from sso.recovery_codes import service
from sso.recovery_codes.schemas import RecoveryCodes, RecoveryCodesLeft
from sso.step_ups.guards import recently_authenticated


@get("/", summary="Count the recovery codes that are left")
async def count_recovery_codes(read_db: ReadDb, user: CurrentUser) -> RecoveryCodesLeft:
    return RecoveryCodesLeft(left=await service.left(read_db, user.id))


@post(
    "/",
    guards=[recently_authenticated],
    summary="Make new recovery codes",
    description="Ten codes, shown this once. Those of before no longer work.",
)
async def renew_recovery_codes(
    db: Db,
    user: CurrentUser,
    factor_secrets: SecretsOfFactors,
    caller: CurrentCaller,
    settings: CurrentSettings,
) -> RecoveryCodes:
    made = await service.renew(db, user.id, secrets=factor_secrets, caller=caller, public_url=settings.issuer)
    return RecoveryCodes(recovery_codes=made)


router = Router(
    "/auth/mfa/recovery-codes",
    middleware=[authenticated, limited],
    route_handlers=[count_recovery_codes, renew_recovery_codes],
    tags=["Second factors"],
    security=[{"bearer": []}],
)
