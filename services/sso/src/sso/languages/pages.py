"""`/auth/ui/language`: the choice of a language for our pages, kept in a cookie."""

from litestar import Response, Router, post

from common.limits import limited
from common.schemas import Command
from sso.continuations import checked
from sso.dependencies import CurrentSettings
from sso.forms import FormBody, field
from sso.origins import sent_by_us
from sso.pages import ERROR_PAGES, LANGUAGE_COOKIE, LANGUAGE_PAGE, PAGES, redirect
from sso.sessions.cookies import HostCookie

KEPT = 365 * 24 * 3600.0


class LanguageForm(Command, frozen=True, kw_only=True):
    language: str = ""
    continue_to: str = field("continue")


@post("/", guards=[sent_by_us])
async def choose(settings: CurrentSettings, data: FormBody[LanguageForm]) -> Response[None]:
    cookie = HostCookie(settings, LANGUAGE_COOKIE, max_age=KEPT)
    is_known = data.language in PAGES.languages.catalogues
    return redirect(checked(data.continue_to), cookies=[cookie.holding(data.language)] if is_known else [])


router = Router(
    LANGUAGE_PAGE,
    middleware=[limited],
    route_handlers=[choose],
    exception_handlers=ERROR_PAGES,
    include_in_schema=False,
)
