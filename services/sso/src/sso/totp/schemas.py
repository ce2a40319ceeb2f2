"""What the routes of authenticator apps take and give."""

from typing import Annotated

from msgspec import Meta

from common.schemas import Command, Schema

Code = Annotated[str, Meta(min_length=1, max_length=64, description="Six digits", examples=["123456"])]


class TotpSetupRead(Schema):
    """A new secret, to be put into an app: as base32 to type, as an `otpauth://` address to follow, as a QR code (SVG)
    to scan. It counts once `POST /auth/mfa/totp/confirm` has shown that the app has it, for which there are
    `expiresIn` seconds."""

    secret: str
    uri: str
    qr_svg: str
    expires_in: int


class TotpConfirm(Command, frozen=True, kw_only=True):
    """A code that the app shows."""

    code: Code


class TotpConfirmed(Schema):
    """Recovery codes, shown this once; none if the account has some."""

    recovery_codes: list[str]
