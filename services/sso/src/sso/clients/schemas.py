"""What the token endpoint takes and gives (RFC 6749 section 4.4); snake_case, as OAuth has it."""

import msgspec


class TokenRequest(msgspec.Struct, kw_only=True, frozen=True):
    """The form. Unknown parameters are ignored (RFC 6749 section 3.2)."""

    grant_type: str
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    audience: str = ""


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
