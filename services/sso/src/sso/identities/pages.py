"""`/auth/oauth`: the way of a browser to another provider and back."""

from typing import Annotated, Any

import structlog
from litestar import Request, Response, Router, get
from litestar.params import FromPath, QueryParameter

from common.dependencies import Db
from common.limits import Limit, limited
from sso import continuations
from sso.challenges.service import Challenged
from sso.continuations import HOME, with_continuation
from sso.dependencies import (
    Answers,
    BrowserIfAny,
    CurrentCaller,
    CurrentSettings,
    IdentityProviders,
    OAuthDepartures,
    OwnTransactions,
)
from sso.forms import Continue
from sso.identities import callbacks, states
from sso.identities.destinations import CONTINUE, as_path
from sso.identities.models import OAuthState
from sso.identities.problems import (
    EmailInUse,
    EmailNotVerified,
    LinkedElsewhere,
    NotSignedIn,
    ProviderUnavailable,
    SignInCancelled,
    SignInRefused,
    SignInStale,
)
from sso.identities.service import FLOW
from sso.outcomes import count
from sso.pages import ERROR_PAGES, LOGIN_PAGE, language_of, page, redirect

log = structlog.get_logger()

REASONS: dict[type[Exception], str] = {
    SignInStale: "stale",
    SignInCancelled: "cancelled",
    EmailNotVerified: "unverified",
    EmailInUse: "in_use",
    LinkedElsewhere: "linked_elsewhere",
    NotSignedIn: "not_signed_in",
    ProviderUnavailable: "away",
}
"""What pages and counters call a refusal; any other is `refused`, and nobody is told more about it."""

RedirectUri = Annotated[str | None, QueryParameter(name="redirectUri", max_length=4096)]


@get("/{provider:str}/start", opt={"limit": Limit(60, 300)})
async def start(
    request: Request[Any, Any, Any],
    db: Db,
    identity_providers: IdentityProviders,
    departures: OAuthDepartures,
    provider: FromPath[str],
    redirect_uri: RedirectUri = None,
    continue_to: Continue = "",
) -> Response[Any]:
    name, destination = identity_providers.get(provider).settings.name, continuations.checked(continue_to)
    if redirect_uri is not None:
        destination = departures.destinations.checked(redirect_uri)
    try:
        departure = await departures.begin(db, request, provider, continue_to=destination)
    except ProviderUnavailable as refusal:
        return refused(request, refusal, name=name, back_to=_login_page(destination))
    return redirect(departure.address, cookies=[departure.cookie])


@get("/{provider:str}/callback", opt={"limit": Limit(60, 300)})
async def callback(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    identity_providers: IdentityProviders,
    departures: OAuthDepartures,
    answers: Answers,
    browser_if_any: BrowserIfAny,
    caller: CurrentCaller,
    settings: CurrentSettings,
    provider: FromPath[str],
) -> Response[Any]:
    found, state = identity_providers.get(provider), None
    try:
        answer = callbacks.answer(request.query_params.multi_items())
        state = await states.finish(
            database, answer.state, provider_id=provider, browser=departures.cookie.value(request)
        )
        outcome = await callbacks.complete(
            database,
            found,
            answer,
            state,
            signed_in=browser_if_any.user.id if browser_if_any else None,
            locale=language_of(request),
            caller=caller,
            public_url=settings.issuer,
        )
    except (SignInRefused, ProviderUnavailable) as refusal:
        return refused(request, refusal, name=found.settings.name, back_to=_back_to(state))
    if outcome is None:
        return redirect(state.continue_to)
    is_waiting = isinstance(outcome, Challenged)
    continue_to = as_path(state.continue_to) if is_waiting else state.continue_to
    return answers.redirect(outcome, continue_to=continue_to)


@get(CONTINUE.removeprefix("/auth/oauth"))
async def go_on(
    request: Request[Any, Any, Any], departures: OAuthDepartures, redirect_uri: RedirectUri = None
) -> Response[str]:
    """To a front end on another origin, from pages of ours that go on to nothing but our own."""
    destination = departures.destinations.checked(redirect_uri or "")
    return onward(request, destination, "identities/to_front_end.html")


def onward(request: Request[Any, Any, Any], address: str, template: str, **values: Any) -> Response[str]:
    """A page that leads on to `address` by itself. A redirect would be part of sending the form that it answers, and
    forms may lead nowhere but to us (`form-action`, which Chrome and Safari hold against redirects too)."""
    headers = {"Refresh": f"0; url={address}"}
    return page(request, template, headers=headers, here="", address=address, **values)


def refused(
    request: Request[Any, Any, Any],
    refusal: SignInRefused | ProviderUnavailable,
    *,
    name: str,
    back_to: str,
) -> Response[str]:
    """The page that says why nobody was signed in, as far as it may be told; `name` is what people call the provider."""
    reason = next((REASONS[kind] for kind in type(refusal).__mro__ if kind in REASONS), "refused")
    count(FLOW, reason)
    log.info("identity_refused", provider=name, outcome=reason, reason=refusal.reason)
    return page(
        request,
        "identities/refused.html",
        status=refusal.status,
        headers=dict(refusal.headers),
        here="",  # asked for again it would say something else
        reason=reason,
        name=name,
        back_to=back_to,
        is_linking=back_to == HOME,
    )


def _back_to(state: OAuthState | None) -> str:
    """Where somebody can try another way."""
    if state is None:
        return LOGIN_PAGE
    return HOME if state.link_user_id is not None else _login_page(state.continue_to)


def _login_page(destination: str) -> str:
    return with_continuation(LOGIN_PAGE, as_path(destination))


router = Router(
    "/auth/oauth",
    middleware=[limited],
    route_handlers=[start, callback, go_on],
    exception_handlers=ERROR_PAGES,
    include_in_schema=False,
)
