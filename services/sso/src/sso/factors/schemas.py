"""What the routes of second factors give."""

from common.schemas import Schema


class MfaRead(Schema):
    """What an account has beside its first factor. `methods` are those that it can show one by, none if there is no
    second factor."""

    totp: bool
    passkeys: int
    recovery_codes_left: int
    methods: list[str]
