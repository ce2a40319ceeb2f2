"""What the route of step-up takes."""

from typing import Annotated, Literal

from msgspec import Meta

from common.problems import FieldError, ValidationFailed
from common.schemas import Command
from sso.fields import Password
from sso.sign_ins.schemas import Code, Credential


class StepUpRequest(Command, frozen=True, kw_only=True):
    """`password` for `password`, `code` for `totp` and `recovery_code`, `credential` for `passkey`."""

    method: Annotated[Literal["password", "totp", "recovery_code", "passkey"], Meta(examples=["totp"])]
    password: Password | None = None
    code: Code | None = None
    credential: Credential | None = None
    use_cookie: bool = False


def password(data: StepUpRequest) -> str:
    """Raises ValidationFailed if there is none."""
    if data.password is None:
        raise ValidationFailed(errors=[FieldError("$.password", "The method 'password' needs a password.")])
    return data.password
