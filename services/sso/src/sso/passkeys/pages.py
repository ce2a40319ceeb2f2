"""`/auth/ui/passkey`: what the forms of `passkeys.js` are sent to, and where it asks what to ask for. A browser says who it
is by its cookies here, as on every page: of a session, or of a sign-in that waits for its second factor."""

from typing import Any, TypeVar

import msgspec
from litestar import Request, Response, Router, get, post

from common.dependencies import Db
from common.limits import Limit, limited
from common.problems import Problem, Unauthorized
from common.schemas import Command
from sso.challenges.pages import on_expired
from sso.challenges.service import ChallengeExpired
from sso.continuations import HOME
from sso.dependencies import (
    Answers,
    CurrentBrowser,
    CurrentCaller,
    CurrentSettings,
    GoingOn,
    OwnTransactions,
    PasskeyParty,
    SecondFactorProofs,
    SecretsOfFactors,
)
from sso.factors.problems import InvalidCode
from sso.factors.proofs import Proof
from sso.factors.service import PASSKEY
from sso.forms import FormBody
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, LOGIN_PAGE, page, redirect
from sso.passkeys import assertions, service
from sso.passkeys.routes import LARGEST
from sso.passkeys.schemas import (
    AuthenticationCredential,
    CreationOptions,
    Name,
    RegistrationCredential,
    RequestOptions,
)
from sso.passkeys.script import SCRIPT
from sso.passkeys.service import PasskeyExists, PasskeyInvalid, PasskeyRefused, TooManyPasskeys
from sso.security_settings.authenticator_pages import codes_page
from sso.sessions.answers import MFA_PAGE
from sso.sign_ins import service as sign_ins
from sso.step_ups import service as step_ups
from sso.step_ups.pages import STEP_UP_PAGE, detour

NEW_PAGE = f"{HOME}/passkeys/new"
_REASONS: dict[type[Problem], str] = {PasskeyExists: "exists", TooManyPasskeys: "limit"}
T = TypeVar("T")


class PasskeyForm(Command, frozen=True, kw_only=True):
    """`credential` is the JSON of what the authenticator answered; `name` is what a new passkey is called."""

    credential: str = ""
    name: str = ""


def _read(text: str, kind: type[T]) -> T | None:
    """None for what is no such credential."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError:
        return None


def _name(text: str) -> str | None:
    """None for what is no name: the passkey gets one of its own."""
    try:
        return msgspec.convert(text, Name)
    except msgspec.ValidationError:
        return None


def _refused(
    request: Request[Any, Any, Any], *, back_to: str, status: int = 400, reason: str = ""
) -> Response[str]:
    return page(request, "passkeys/refused.html", status=status, back_to=back_to, reason=reason)


@post("/login/options", status_code=200, opt={"limit": Limit(120, 300)})
async def login_options(db: Db, party: PasskeyParty) -> RequestOptions:
    return await service.login_options(db, party)


@post("/login", opt={"limit": Limit(60, 300)})
async def login(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    party: PasskeyParty,
    answers: Answers,
    caller: CurrentCaller,
    onward: GoingOn,
    data: FormBody[PasskeyForm],
) -> Response[Any]:
    credential = _read(data.credential, AuthenticationCredential)
    try:
        if credential is None:
            raise PasskeyRefused
        outcome = await service.login(database, party, credential, caller=caller)
    except PasskeyRefused:
        return _refused(request, back_to=onward.after(LOGIN_PAGE))
    return answers.redirect(outcome, continue_to=onward.path)


@post("/mfa/options", status_code=200, opt={"limit": Limit(120, 300)})
async def second_factor_options(
    request: Request[Any, Any, Any], db: Db, party: PasskeyParty, answers: Answers
) -> RequestOptions:
    token = answers.challenge_cookie.value(request) or ""
    return await service.second_factor_options(db, party, token)


@post("/mfa", opt={"limit": Limit(60, 300)})
async def second_factor(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    second_factors: SecondFactorProofs,
    answers: Answers,
    caller: CurrentCaller,
    settings: CurrentSettings,
    onward: GoingOn,
    data: FormBody[PasskeyForm],
) -> Response[Any]:
    try:
        signed_in = await sign_ins.finish(
            database,
            second_factors,
            token=answers.challenge_cookie.value(request) or "",
            proof=Proof(PASSKEY, credential=_read(data.credential, dict[str, Any])),
            caller=caller,
            public_url=settings.issuer,
        )
    except InvalidCode:
        return _refused(request, back_to=onward.after(MFA_PAGE))
    return answers.redirect(signed_in, continue_to=onward.path)


@post("/step-up/options", status_code=200)
async def step_up_options(db: Db, browser: CurrentBrowser, party: PasskeyParty) -> RequestOptions:
    return await assertions.ask(db, party, "step-up", user_id=browser.user.id)


@post("/step-up", opt={"limit": Limit(60, 300)})
async def step_up(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    second_factors: SecondFactorProofs,
    answers: Answers,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    onward: GoingOn,
    data: FormBody[PasskeyForm],
) -> Response[Any]:
    try:
        confirmed = await step_ups.by_second_factor(
            database,
            second_factors,
            Proof(PASSKEY, credential=_read(data.credential, dict[str, Any])),
            user_id=browser.user.id,
            session_id=browser.session.id,
            caller=caller,
        )
    except InvalidCode:
        return _refused(request, back_to=onward.after(STEP_UP_PAGE))
    return answers.redirect(confirmed, continue_to=onward.path)


@get(NEW_PAGE)
async def show_new(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    browser: CurrentBrowser,
    settings: CurrentSettings,
) -> Response[Any]:
    elsewhere = await detour(database, browser, settings, continue_to=NEW_PAGE)
    return elsewhere or page(request, "passkeys/new.html", user=browser.user)


@post("/register/options", status_code=200)
async def registration_options(
    db: Db,
    database: OwnTransactions,
    browser: CurrentBrowser,
    party: PasskeyParty,
    settings: CurrentSettings,
) -> CreationOptions:
    if await detour(database, browser, settings, continue_to=NEW_PAGE):
        raise Unauthorized  # the script sends the form then, which leads there
    return await service.registration_options(db, party, browser.user.id)


@post("/register", status_code=200, opt={"limit": Limit(60, 300)})
async def register(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    browser: CurrentBrowser,
    party: PasskeyParty,
    factor_secrets: SecretsOfFactors,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: FormBody[PasskeyForm],
) -> Response[Any]:
    if elsewhere := await detour(database, browser, settings, continue_to=NEW_PAGE):
        return elsewhere
    credential = _read(data.credential, RegistrationCredential)
    try:
        if credential is None:
            raise PasskeyInvalid
        registered = await service.register(
            database,
            party,
            credential,
            user_id=browser.user.id,
            name=_name(data.name),
            secrets=factor_secrets,
            caller=caller,
        )
    except (PasskeyInvalid, PasskeyExists, TooManyPasskeys) as problem:
        reason = _REASONS.get(type(problem), "new")
        return _refused(request, back_to=NEW_PAGE, status=problem.status, reason=reason)
    if registered.recovery_codes:
        return codes_page(request, browser, registered.recovery_codes, after="passkey")
    return redirect(f"{HOME}?done=passkey#passkeys")


_forms = Router(
    "/auth/ui/passkey",
    guards=[sent_by_us],
    route_handlers=[
        login_options,
        login,
        second_factor_options,
        second_factor,
        step_up_options,
        step_up,
        registration_options,
        register,
    ],
    request_max_body_size=LARGEST,
)
router = Router(
    "/",
    middleware=[limited],
    route_handlers=[SCRIPT.route(), show_new, _forms],
    exception_handlers={**ERROR_PAGES, ChallengeExpired: on_expired},
    include_in_schema=False,
)
