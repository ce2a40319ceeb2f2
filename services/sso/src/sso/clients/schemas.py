"""What the token endpoint takes and gives (RFC 6749 section 4.4); snake_case, as OAuth has it."""

from typing import Annotated

import msgspec
from msgspec import Meta


class TokenRequest(msgspec.Struct, kw_only=True, frozen=True):
    """The form. Unknown parameters are ignored (RFC 6749 section 3.2)."""

    grant_type: Annotated[str, Meta(examples=["client_credentials"])]
    client_id: Annotated[str, Meta(examples=["processor"])] = ""
    client_secret: Annotated[str, Meta(examples=["…"])] = ""
    scope: str = ""
    audience: Annotated[str, Meta(examples=["api"])] = ""


class TokenResponse(msgspec.Struct, kw_only=True, frozen=True):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105 (the name of a scheme, RFC 6750)
    expires_in: int
    scope: str


class OAuthErrorBody(msgspec.Struct, kw_only=True, frozen=True):
    """An OAuth error (RFC 6749 section 5.2) that is a problem document (RFC 9457) too."""

    error: str
    error_description: str
    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str = msgspec.field(name="requestId")
