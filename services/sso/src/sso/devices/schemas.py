"""What the device authorization endpoint takes and gives (RFC 8628 section 3); snake_case, as OAuth has it."""

from typing import Annotated

import msgspec
from msgspec import Meta


class DeviceAuthorizationRequest(msgspec.Struct, kw_only=True, frozen=True):
    """The form. Unknown parameters are ignored (section 3.1); as everywhere here, nothing is given without a scope."""

    client_id: Annotated[str, Meta(examples=["com.example.tv"])] = ""
    client_secret: str = ""
    client_assertion_type: str = ""
    client_assertion: str = ""
    scope: Annotated[str, Meta(examples=["openid resumes:read"])]


class DeviceAuthorization(msgspec.Struct, kw_only=True, frozen=True):
    """`expires_in` and `interval` in seconds."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int
