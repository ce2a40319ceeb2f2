"""`/auth/ui/security/authenticator` and `…/recovery-codes`: setting up an authenticator app, and the codes that stand in
for it. What is shown once is the answer to the form itself: it is stored nowhere that a redirect could show it from."""

from typing import Any

from litestar import Request, Response, get, post

from common.db import Database
from common.dependencies import Db, ReadDb
from common.limits import Limit
from common.schemas import Command
from sso.continuations import HOME
from sso.dependencies import (
    CurrentBrowser,
    CurrentCaller,
    CurrentSettings,
    OwnTransactions,
    SecretsOfFactors,
)
from sso.factors import service as factors
from sso.factors.problems import InvalidCode
from sso.factors.secrets import FactorSecrets
from sso.fields import Token
from sso.forms import Errors, FormBody, wrong
from sso.origins import sent_by_us
from sso.pages import address_of, page, redirect
from sso.recovery_codes import service as recovery_codes
from sso.recovery_codes.service import NoSecondFactor
from sso.sessions.browsers import Browser
from sso.step_ups.pages import detour
from sso.totp import service as totp
from sso.totp.service import TotpSetupExpired

AUTHENTICATOR_PAGE = f"{HOME}/authenticator"
CODES_PAGE = f"{HOME}/recovery-codes"


class CodeForm(Command, frozen=True, kw_only=True):
    code: str = ""


async def _page(
    request: Request[Any, Any, Any],
    database: Database,
    browser: Browser,
    secrets: FactorSecrets,
    *,
    errors: Errors | None = None,
) -> Response[str]:
    async with database.read() as db:
        found = await factors.overview(db, browser.user.id)
        setup = await totp.waiting(db, browser.user, secrets=secrets)
    return page(
        request,
        "security_settings/authenticator.html",
        status=400 if errors else 200,
        here=address_of(request),
        user=browser.user,
        factors=found,
        setup=setup,
        errors=errors or {},
    )


def codes_page(
    request: Request[Any, Any, Any], browser: Browser, codes: list[str], *, after: str
) -> Response[str]:
    """New recovery codes; `after` is what they came with: `totp`, `passkey`, or `renewal`."""
    return page(request, "security_settings/new_codes.html", user=browser.user, codes=codes, after=after)


@get("/authenticator")
async def show_authenticator(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    browser: CurrentBrowser,
    settings: CurrentSettings,
    factor_secrets: SecretsOfFactors,
) -> Response[Any]:
    elsewhere = await detour(database, browser, settings, continue_to=AUTHENTICATOR_PAGE)
    return elsewhere or await _page(request, database, browser, factor_secrets)


@post("/authenticator", guards=[sent_by_us])
async def set_up(
    database: OwnTransactions,
    browser: CurrentBrowser,
    settings: CurrentSettings,
    factor_secrets: SecretsOfFactors,
) -> Response[Any]:
    if elsewhere := await detour(database, browser, settings, continue_to=AUTHENTICATOR_PAGE):
        return elsewhere
    async with database.write() as db:
        await totp.set_up(db, browser.user.id, secrets=factor_secrets)
    return redirect(AUTHENTICATOR_PAGE)


@post("/authenticator/confirm", status_code=200, guards=[sent_by_us], opt={"limit": Limit(60, 300)})
async def confirm(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    settings: CurrentSettings,
    factor_secrets: SecretsOfFactors,
    data: FormBody[CodeForm],
) -> Response[Any]:
    if elsewhere := await detour(database, browser, settings, continue_to=AUTHENTICATOR_PAGE):
        return elsewhere
    errors = wrong(code=(Token, data.code))
    try:
        if not errors:
            codes = await totp.confirm(
                database,
                browser.user.id,
                data.code,
                secrets=factor_secrets,
                caller=caller,
                public_url=settings.issuer,
            )
            done = redirect(f"{HOME}?done=totp")
            return codes_page(request, browser, codes, after="totp") if codes else done
    except InvalidCode:
        errors = {"code": "code"}
    except TotpSetupExpired:
        return redirect(AUTHENTICATOR_PAGE)
    return await _page(request, database, browser, factor_secrets, errors=errors)


@post("/authenticator/remove", guards=[sent_by_us])
async def remove(
    db: Db,
    database: OwnTransactions,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    settings: CurrentSettings,
) -> Response[Any]:
    if elsewhere := await detour(database, browser, settings, continue_to=AUTHENTICATOR_PAGE):
        return elsewhere
    await totp.remove(db, browser.user.id, caller=caller, public_url=settings.issuer)
    return redirect(f"{HOME}?done=totp-removed")


@get("/recovery-codes")
async def show_codes(
    request: Request[Any, Any, Any], read_db: ReadDb, browser: CurrentBrowser
) -> Response[str]:
    found = await factors.overview(read_db, browser.user.id)
    return page(request, "security_settings/recovery_codes.html", user=browser.user, factors=found)


@post("/recovery-codes", status_code=200, guards=[sent_by_us])
async def renew_codes(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    settings: CurrentSettings,
    factor_secrets: SecretsOfFactors,
) -> Response[Any]:
    if elsewhere := await detour(database, browser, settings, continue_to=CODES_PAGE):
        return elsewhere
    try:
        async with database.write() as db:
            codes = await recovery_codes.renew(
                db, browser.user.id, secrets=factor_secrets, caller=caller, public_url=settings.issuer
            )
    except NoSecondFactor:
        return redirect(CODES_PAGE)
    return codes_page(request, browser, codes, after="renewal")


HANDLERS = [show_authenticator, set_up, confirm, remove, show_codes, renew_codes]
