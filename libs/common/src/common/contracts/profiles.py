"""What the SSO tells the account service about somebody who registered."""

import msgspec


class ProfilePut(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `PUT /internal/profiles/{userId}`; sending it twice is the same as once."""

    email: str
    name: str
    locale: str = "en"
