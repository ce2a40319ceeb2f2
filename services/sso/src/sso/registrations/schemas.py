"""What registering takes and gives."""

from common.schemas import Command
from sso.fields import Email, Locale, Password, PersonName
from sso.sessions.schemas import Tokens
from sso.users.schemas import UserRead


class RegisterRequest(Command, frozen=True, kw_only=True):
    """A new account; with `useCookie` the refresh token comes as a cookie."""

    email: Email
    password: Password
    name: PersonName
    locale: Locale = "en"
    use_cookie: bool = False


class Registered(Tokens, kw_only=True):
    """The new account, signed in."""

    user: UserRead
