"""What the password routes take."""

from common.schemas import Command
from sso.fields import Password


class PasswordChange(Command, frozen=True, kw_only=True):
    """The password of before and the new one. Sessions on other devices end unless `revokeOthers` is false."""

    current_password: Password
    new_password: Password
    revoke_others: bool = True
