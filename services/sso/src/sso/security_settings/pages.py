"""`/auth/ui/security`: what protects an account, who is in it, and what happened to it. Changes that others make easier
for somebody who found the browser open (a factor, a key) ask first who it is."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery

from common.dependencies import Db, ReadDb
from common.limits import limited
from sso.consents import service as consents
from sso.continuations import HOME
from sso.dependencies import CurrentBrowser, CurrentCaller, IdentityProviders
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, language_of, page, redirect
from sso.security_settings import api_key_pages, authenticator_pages, passkey_pages, password_pages, service
from sso.security_settings.times import Times
from sso.sessions import service as sessions


@get("/")
async def show(
    request: Request[Any, Any, Any],
    read_db: ReadDb,
    browser: CurrentBrowser,
    identity_providers: IdentityProviders,
    done: FromQuery[str] = "",
) -> Response[str]:
    overview = await service.overview(read_db, browser, providers=identity_providers)
    linked = {identity.provider for identity in overview.identities}
    return page(
        request,
        "security_settings/overview.html",
        user=browser.user,
        overview=overview,
        providers=[found for found in identity_providers.listed() if found.id not in linked],
        times=Times(language_of(request)),
        done=done,
    )


@get("/activity")
async def show_activity(
    request: Request[Any, Any, Any],
    read_db: ReadDb,
    browser: CurrentBrowser,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    events, older = await service.activity(read_db, browser.user.id, cursor=cursor)
    return page(
        request,
        "security_settings/activity.html",
        user=browser.user,
        events=events,
        older=older,
        times=Times(language_of(request)),
    )


@post("/sessions/{session_id:uuid}/end", guards=[sent_by_us])
async def end_session(
    db: Db, browser: CurrentBrowser, caller: CurrentCaller, session_id: FromPath[UUID]
) -> Response[None]:
    await sessions.end(db, session_id, user_id=browser.user.id, caller=caller)
    return redirect(f"{HOME}?done=session#devices")


@post("/sessions/end-others", guards=[sent_by_us])
async def end_other_sessions(db: Db, browser: CurrentBrowser, caller: CurrentCaller) -> Response[None]:
    await sessions.end_all(db, browser.user.id, reason="signed_out", caller=caller, keep=browser.session.id)
    return redirect(f"{HOME}?done=sessions#devices")


@post("/apps/{client_id:str}/remove", guards=[sent_by_us])
async def remove_app(
    db: Db, browser: CurrentBrowser, caller: CurrentCaller, client_id: FromPath[str]
) -> Response[None]:
    await consents.withdraw(db, browser.user.id, client_id, caller=caller)
    return redirect(f"{HOME}?done=app#apps")


router = Router(
    HOME,
    middleware=[limited],
    route_handlers=[
        show, show_activity, end_session, end_other_sessions, remove_app, *password_pages.HANDLERS,
        *authenticator_pages.HANDLERS, *passkey_pages.HANDLERS, *api_key_pages.HANDLERS,
    ],
    exception_handlers=ERROR_PAGES,
    include_in_schema=False,
)  # fmt: skip
