"""`/auth/ui/security/password`: changing the password."""

from typing import Any

from litestar import Request, Response, get, post

from common.limits import Limit
from common.schemas import Command
from sso.continuations import HOME
from sso.dependencies import (
    CurrentBrowser,
    CurrentCaller,
    CurrentSettings,
    NewPasswordAcceptance,
    OwnTransactions,
    PasswordTrying,
)
from sso.fields import Password
from sso.forms import Errors, FormBody, field, wrong
from sso.origins import sent_by_us
from sso.pages import address_of, page, redirect
from sso.passwords import service
from sso.passwords.policy import PasswordRefused
from sso.passwords.schemas import PasswordChange
from sso.passwords.service import CurrentPasswordWrong
from sso.sessions.browsers import Browser
from sso.settings import Settings


class ChangeForm(Command, frozen=True, kw_only=True):
    """`others` is sent where the other sessions are to end."""

    username: str = ""
    current_password: str = field("current-password")
    new_password: str = field("new-password")
    others: str = ""


def _page(
    request: Request[Any, Any, Any],
    browser: Browser,
    settings: Settings,
    *,
    errors: Errors | None = None,
    ends_others: bool = True,
) -> Response[str]:
    return page(
        request,
        "security_settings/password.html",
        status=400 if errors else 200,
        here=address_of(request),
        user=browser.user,
        min_length=settings.password_min_length,
        ends_others=ends_others,
        errors=errors or {},
    )


@get("/password", sync_to_thread=False)
def show_password(
    request: Request[Any, Any, Any], browser: CurrentBrowser, settings: CurrentSettings
) -> Response[str]:
    return _page(request, browser, settings)


@post("/password", guards=[sent_by_us], opt={"limit": Limit(20, 900)})
async def change_password(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    attempts: PasswordTrying,
    new_passwords: NewPasswordAcceptance,
    browser: CurrentBrowser,
    caller: CurrentCaller,
    settings: CurrentSettings,
    data: FormBody[ChangeForm],
) -> Response[Any]:
    given = {"current-password": data.current_password, "new-password": data.new_password}
    errors = wrong(**{name: (Password, text) for name, text in given.items()})
    if not errors:
        wanted = PasswordChange(
            current_password=data.current_password,
            new_password=data.new_password,
            revoke_others=bool(data.others),
        )
        try:
            await service.change(
                database,
                attempts,
                new_passwords,
                user_id=browser.user.id,
                session_id=browser.session.id,
                data=wanted,
                caller=caller,
                public_url=settings.issuer,
            )
        except CurrentPasswordWrong:
            errors = {"current-password": "password"}
        except PasswordRefused as refused:
            errors = {"new-password": refused.reason}
        else:
            return redirect(f"{HOME}?done=password")
    return _page(request, browser, settings, errors=errors, ends_others=bool(data.others))


HANDLERS = [show_password, change_password]
