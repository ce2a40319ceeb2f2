"""What the verification routes take."""

from common.schemas import Command
from sso.fields import Email, Token


class VerifyRequest(Command, frozen=True, kw_only=True):
    """The token of the mailed link."""

    token: Token


class ResendRequest(Command, frozen=True, kw_only=True):
    email: Email
