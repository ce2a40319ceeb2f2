"""`/auth/ui/security/api-keys`: making an API key, which is shown once, and ending one."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from common.dependencies import Db
from common.ids import now
from common.limits import Limit
from common.schemas import Command
from sso.api_keys import service
from sso.api_keys.schemas import SCOPES, ApiKeyCreate, KeyName
from sso.api_keys.service import ApiKeyLimitReached
from sso.continuations import HOME
from sso.dependencies import CurrentBrowser, CurrentCaller, CurrentSettings, OwnTransactions
from sso.forms import Errors, FormBody, wrong
from sso.origins import sent_by_us
from sso.pages import address_of, page, redirect
from sso.sessions.browsers import Browser
from sso.step_ups.pages import detour

NEW_PAGE = f"{HOME}/api-keys/new"
DAYS = {"30": 30, "90": 90, "365": 365, "never": None}


class NewKeyForm(Command, frozen=True, kw_only=True):
    """`scopes` are those whose boxes are ticked, in a list if there is more than one; `days` is how long it is good."""

    name: str = ""
    scopes: str | list[str] = ""
    days: str = "90"

    @property
    def ticked(self) -> list[str]:
        return self.scopes if isinstance(self.scopes, list) else self.scopes.split()


def _page(
    request: Request[Any, Any, Any], browser: Browser, data: NewKeyForm, errors: Errors | None = None
) -> Response[str]:
    return page(
        request,
        "security_settings/new_key.html",
        status=400 if errors else 200,
        here=address_of(request),
        user=browser.user,
        data=data,
        scopes=SCOPES,
        errors=errors or {},
    )


@get("/api-keys/new")
async def show_new_key(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    browser: CurrentBrowser,
    settings: CurrentSettings,
) -> Response[Any]:
    elsewhere = await detour(database, browser, settings, continue_to=NEW_PAGE)
    return elsewhere or _page(request, browser, NewKeyForm())


@post("/api-keys/new", status_code=200, guards=[sent_by_us], opt={"limit": Limit(30, 900)})
async def make_key(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: FormBody[NewKeyForm],
) -> Response[Any]:
    if elsewhere := await detour(database, browser, settings, continue_to=NEW_PAGE):
        return elsewhere
    errors = wrong(name=(KeyName, data.name))
    if not data.ticked or set(data.ticked) - set(SCOPES):
        errors["scopes"] = "scopes"
    if not errors:
        days = DAYS.get(data.days, 90)
        wanted = {"name": data.name, "scopes": data.ticked}
        expires_at = now() + timedelta(days=days) if days else None
        create = msgspec.structs.replace(msgspec.convert(wanted, ApiKeyCreate), expires_at=expires_at)
        try:
            async with database.write() as db:
                api_key, key = await service.create(
                    db, browser.user.id, session_id=browser.session.id, data=create, caller=caller
                )
        except ApiKeyLimitReached:
            errors = {"": "limit"}
        else:
            name = api_key.name
            return page(request, "security_settings/made_key.html", user=browser.user, name=name, key=key)
    return _page(request, browser, data, errors)


@post("/api-keys/{key_id:uuid}/end", guards=[sent_by_us])
async def end_key(
    db: Db, browser: CurrentBrowser, caller: CurrentCaller, key_id: FromPath[UUID]
) -> Response[None]:
    await service.revoke(db, key_id, user_id=browser.user.id, caller=caller)
    return redirect(f"{HOME}?done=key#api-keys")


HANDLERS = [show_new_key, make_key, end_key]
