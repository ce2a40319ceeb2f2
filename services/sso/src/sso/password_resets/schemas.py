"""What the reset routes take."""

from common.schemas import Command
from sso.fields import Email, Password, Token


class ResetRequest(Command, frozen=True, kw_only=True):
    """Whose password it is."""

    email: Email


class ResetConfirmation(Command, frozen=True, kw_only=True):
    """The token of the mailed link, and the new password."""

    token: Token
    password: Password
