"""What the SSO tells the account service about somebody who registered, and what that tells the others."""

import msgspec


class ProfilePut(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `PUT /internal/profiles/{userId}`; sending it twice is the same as once."""

    email: str
    name: str
    locale: str = "en"


class ProfileRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What other services may know of a profile: of the answer of `GET /internal/profiles/{userId}`."""

    email: str
    name: str
    locale: str
