"""What has to be asked of a person before an authorization request can be answered: to sign in, to sign in again, to
consent (OpenID Connect Core section 3.1.2.3 and 3.1.2.4)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from authlib.oidc.core.errors import ConsentRequiredError, LoginRequiredError
from sqlalchemy.ext.asyncio import AsyncSession

from common.auth import MULTI_FACTOR
from sso.authorizations import requests
from sso.authorizations.arrivals import Arrivals
from sso.authorizations.requests import Wishes
from sso.clients.models import OAuthClient
from sso.consents import service as consents
from sso.continuations import with_continuation
from sso.factors import service as factors
from sso.pages import LOGIN_PAGE
from sso.sessions.browsers import Browser

CONSENT_PAGE = "/auth/ui/consent"
_ASKS_TO_SIGN_IN = frozenset({"login", "select_account"})


async def sign_in_page(
    db: AsyncSession,
    parameters: Mapping[str, str],
    wishes: Wishes,
    browser: Browser | None,
    *,
    hinted: UUID | None,
    arrivals: Arrivals,
    at: datetime,
) -> str | None:
    """The login page, if its person has to be there first. `hinted` is whom the client means, if it says so. Raises
    LoginRequiredError where nobody may be asked, or somebody else has signed in."""
    if browser is not None:
        arrived = arrivals.of(parameters, at)
        has_just_signed_in = arrived is not None and browser.session.authenticated_at >= arrived
        is_another = hinted is not None and browser.user.id != hinted
        if has_just_signed_in and is_another:
            raise LoginRequiredError
        if has_just_signed_in or not (is_another or await _must_sign_in_again(db, wishes, browser, at=at)):
            return None
    if wishes.is_silent:
        raise LoginRequiredError
    page = with_continuation(LOGIN_PAGE, requests.address(arrivals.marked(parameters, at)))
    return page if browser is None else f"{page}&reauth=1"


async def _must_sign_in_again(db: AsyncSession, wishes: Wishes, browser: Browser, *, at: datetime) -> bool:
    authenticated_at = browser.session.authenticated_at
    if wishes.prompt & _ASKS_TO_SIGN_IN:
        return True
    if wishes.max_age is not None and at - authenticated_at > timedelta(seconds=wishes.max_age):
        return True
    # A wish and no more (Core section 3.1.2.1): who has no second factor is signed in without.
    wants_more = bool(wishes.acr_values) and browser.session.acr not in wishes.acr_values
    return (
        wants_more and MULTI_FACTOR in wishes.acr_values and bool(await factors.methods(db, browser.user.id))
    )


async def consent_page(
    db: AsyncSession,
    parameters: Mapping[str, str],
    wishes: Wishes,
    browser: Browser,
    *,
    client: OAuthClient,
    scope: str,
    is_to_be_confirmed: bool,
) -> str | None:
    """The page that asks whether the client may have `scope`, where it has to be asked: `is_to_be_confirmed` if that is
    so whatever was granted before. Raises ConsentRequiredError where nobody may be asked."""
    if "consent" not in wishes.prompt and not is_to_be_confirmed:
        if client.is_first_party:
            return None
        if set(scope.split()) <= await consents.granted(db, browser.user.id, client.id):
            return None
    if wishes.is_silent:
        raise ConsentRequiredError
    # Asked once: afterwards the answer counts that was given.
    prompt = " ".join(sorted(wishes.prompt - {"consent"}))
    rest = {name: value for name, value in {**parameters, "prompt": prompt}.items() if value}
    return with_continuation(CONSENT_PAGE, requests.address(rest))
