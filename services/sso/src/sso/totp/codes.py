"""Time-based one-time passwords (RFC 6238) as every authenticator app makes them: SHA-1, 6 digits, 30 seconds."""

import io
import unicodedata
from datetime import datetime

import pyotp
import segno

ISSUER = "resuMAX"
STEP = 30
_SEPARATORS = frozenset({"Zs", "Cc", "Pd"})  # spaces and dashes
_SECRET_CHARACTERS = 32  # of base32: 160 bits, what RFC 4226 section 4 recommends


def new_secret() -> str:
    return pyotp.random_base32(_SECRET_CHARACTERS)


def matching_step(secret: str, code: str, *, at: datetime) -> int | None:
    """The time step that `code` is of: the current one, or one either side for clocks that differ; None if of none."""
    given, totp = _digits(code), pyotp.TOTP(secret)
    current = int(at.timestamp()) // STEP
    steps = (current, current - 1, current + 1)
    return next((step for step in steps if pyotp.utils.strings_equal(given, totp.generate_otp(step))), None)


def _digits(code: str) -> str:
    """The digits of `code` as people type them: in groups, in the numerals of their language."""
    return "".join(
        str(unicodedata.decimal(char, "?")) for char in code if unicodedata.category(char) not in _SEPARATORS
    )


def uri(secret: str, *, account: str) -> str:
    """The `otpauth://` address by which an app takes the secret over; `account` is the name that it shows."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def qr(text: str) -> str:
    """`text` as a QR code (ISO 18004): an SVG, black on white with its quiet zone, so that it can be scanned from a
    page in any colours; without scripts and styles, so that it may stand in a page."""
    svg = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        svg,
        kind="svg",
        border=4,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
        nl=False,
    )
    return svg.getvalue().decode()
