"""What the magic-link routes take."""

from common.schemas import Command
from sso.fields import Email, Token


class MagicLinkRequest(Command, frozen=True, kw_only=True):
    """Who wants to sign in."""

    email: Email


class MagicLinkConfirmation(Command, frozen=True, kw_only=True):
    """The token of the mailed link; with `useCookie` the refresh token comes as a cookie."""

    token: Token
    use_cookie: bool = False
