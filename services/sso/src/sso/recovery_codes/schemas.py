"""What the routes of recovery codes give."""

from common.schemas import Schema


class RecoveryCodes(Schema):
    """Ten codes that work once each, shown this once."""

    recovery_codes: list[str]


class RecoveryCodesLeft(Schema):
    """How many codes are unused."""

    left: int
