"""What the login route takes."""

from common.schemas import Command
from sso.fields import Email, Password


class LoginRequest(Command, frozen=True, kw_only=True):
    """E-mail and password; with `useCookie` the refresh token comes as a cookie."""

    email: Email
    password: Password
    use_cookie: bool = False
