"""What the route of the second factor takes."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from common.problems import FieldError, ValidationFailed
from common.schemas import Command
from sso.factors.proofs import Proof
from sso.factors.service import PASSKEY
from sso.fields import Token

Method = Annotated[Literal["totp", "recovery_code", "passkey"], Meta(examples=["totp"])]
Code = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="What the app shows, or a recovery code",
        examples=["123456"],
    ),
]
Credential = Annotated[
    dict[str, Any],
    Meta(description="The PublicKeyCredential of an assertion, as JSON (WebAuthn Level 3, section 5.1.8)"),
]


class LoginMfaRequest(Command, frozen=True, kw_only=True):
    """The second factor: `code` for `totp` and `recovery_code`, `credential` for `passkey`."""

    challenge_token: Token
    method: Method
    code: Code | None = None
    credential: Credential | None = None
    use_cookie: bool = False


def proof(method: str, code: str | None, credential: dict[str, Any] | None) -> Proof:
    """What was sent, as a Proof. Raises ValidationFailed if `method` came without what belongs to it."""
    wanted = "credential" if method == PASSKEY else "code"
    if (credential if method == PASSKEY else code) is None:
        raise ValidationFailed(errors=[FieldError(f"$.{wanted}", f"The method '{method}' needs a {wanted}.")])
    return Proof(method, code or "", credential)
