"""`/auth/ui/security/passkeys`: naming passkeys and removing them."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from common.dependencies import Db, ReadDb
from common.schemas import Command
from sso.continuations import HOME
from sso.dependencies import CurrentBrowser, CurrentCaller, CurrentSettings, OwnTransactions, PasskeyParty
from sso.forms import Errors, FormBody, wrong
from sso.origins import sent_by_us
from sso.pages import address_of, language_of, page, redirect
from sso.passkeys import service
from sso.passkeys.schemas import Name, PasskeyRead, described
from sso.passkeys.service import PasskeyNotFound
from sso.security_settings.times import Times
from sso.sessions.browsers import Browser
from sso.step_ups.pages import detour


class RenameForm(Command, frozen=True, kw_only=True):
    name: str = ""


async def _own(db: ReadDb, browser: Browser, passkey_id: UUID) -> PasskeyRead:
    """Raises PasskeyNotFound."""
    for passkey in await service.of(db, browser.user.id):
        if passkey.id == passkey_id:
            return described(passkey)
    raise PasskeyNotFound


def _page(
    request: Request[Any, Any, Any], browser: Browser, passkey: PasskeyRead, *, errors: Errors | None = None
) -> Response[str]:
    return page(
        request,
        "security_settings/passkey.html",
        status=400 if errors else 200,
        here=address_of(request),
        user=browser.user,
        passkey=passkey,
        times=Times(language_of(request)),
        errors=errors or {},
    )


@get("/passkeys/{passkey_id:uuid}")
async def show_passkey(
    request: Request[Any, Any, Any], read_db: ReadDb, browser: CurrentBrowser, passkey_id: FromPath[UUID]
) -> Response[str]:
    return _page(request, browser, await _own(read_db, browser, passkey_id))


@post("/passkeys/{passkey_id:uuid}", guards=[sent_by_us])
async def rename_passkey(
    request: Request[Any, Any, Any],
    db: Db,
    browser: CurrentBrowser,
    passkey_id: FromPath[UUID],
    data: FormBody[RenameForm],
) -> Response[Any]:
    if errors := wrong(name=(Name, data.name)):
        passkey = await _own(db, browser, passkey_id)
        return _page(request, browser, msgspec.structs.replace(passkey, name=data.name), errors=errors)
    await service.rename(db, passkey_id, user_id=browser.user.id, name=data.name.strip())
    return redirect(f"{HOME}?done=passkey-renamed#passkeys")


@post("/passkeys/{passkey_id:uuid}/remove", guards=[sent_by_us])
async def remove_passkey(
    db: Db,
    database: OwnTransactions,
    party: PasskeyParty,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    settings: CurrentSettings,
    passkey_id: FromPath[UUID],
) -> Response[Any]:
    here = f"{HOME}/passkeys/{passkey_id}"
    if elsewhere := await detour(database, browser, settings, continue_to=here):
        return elsewhere
    await service.remove(db, party, passkey_id, user_id=browser.user.id, caller=caller)
    return redirect(f"{HOME}?done=passkey-removed#passkeys")


HANDLERS = [show_passkey, rename_passkey, remove_passkey]
