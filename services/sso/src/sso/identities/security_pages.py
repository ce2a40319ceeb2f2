"""The forms of the security settings by which an owner links an identity, or removes one (SECURITY 14, 20)."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, post
from litestar.params import FromPath

from common.dependencies import Db
from common.limits import limited
from common.schemas import Command
from sso.continuations import HOME
from sso.dependencies import (
    CurrentBrowser,
    CurrentCaller,
    CurrentSettings,
    IdentityProviders,
    OAuthDepartures,
    OwnTransactions,
)
from sso.forms import FormBody
from sso.identities import service
from sso.identities.pages import onward, refused
from sso.identities.problems import LastSignInMethod, ProviderUnavailable
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, page, redirect
from sso.step_ups.pages import detour


class RemoveForm(Command, frozen=True, kw_only=True):
    identity: UUID


@post("/{provider:str}", status_code=200)
async def link(
    request: Request[Any, Any, Any],
    db: Db,
    database: OwnTransactions,
    identity_providers: IdentityProviders,
    departures: OAuthDepartures,
    browser: CurrentBrowser,
    settings: CurrentSettings,
    provider: FromPath[str],
) -> Response[Any]:
    """A page that goes on to the provider by itself. A redirect would be part of sending the form, which may lead
    nowhere but to us (`form-action`, of which browsers hold redirects to be a part)."""
    name = identity_providers.get(provider).settings.name
    if elsewhere := await detour(database, browser, settings, continue_to=HOME):
        return elsewhere
    try:
        departure = await departures.begin(
            db, request, provider, continue_to=HOME, link_user_id=browser.user.id
        )
    except ProviderUnavailable as refusal:
        return refused(request, refusal, name=name, back_to=HOME)
    answer = onward(request, departure.address, "identities/to_provider.html", name=name)
    answer.cookies.append(departure.cookie)
    return answer


@post("/", status_code=200)
async def remove(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    identity_providers: IdentityProviders,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: FormBody[RemoveForm],
) -> Response[Any]:
    if elsewhere := await detour(database, browser, settings, continue_to=HOME):
        return elsewhere
    try:
        async with database.write() as db:
            await service.unlink(
                db,
                data.identity,
                user_id=browser.user.id,
                providers=identity_providers,
                caller=caller,
                public_url=settings.issuer,
            )
    except LastSignInMethod as refusal:
        return page(request, "identities/last.html", status=refusal.status)
    return redirect(HOME)


router = Router(
    "/auth/ui/security/identities",
    middleware=[limited],
    guards=[sent_by_us],
    route_handlers=[link, remove],
    exception_handlers=ERROR_PAGES,
    include_in_schema=False,
)
