"""What the token endpoint takes (RFC 6749 sections 4 and 6, RFC 8628 section 3.4); snake_case, as OAuth has it."""

from typing import Annotated

import msgspec
from msgspec import Meta


class TokenRequest(msgspec.Struct, kw_only=True, frozen=True):
    """The form. Unknown parameters are ignored (RFC 6749 section 3.2); which others a grant needs is its own affair."""

    grant_type: Annotated[str, Meta(examples=["client_credentials"])]
    client_id: Annotated[str, Meta(examples=["processor"])] = ""
    client_secret: Annotated[str, Meta(examples=["…"])] = ""
    client_assertion_type: str = ""
    client_assertion: str = ""
    scope: Annotated[str, Meta(examples=["internal"])] = ""
    audience: Annotated[str, Meta(examples=["api"])] = ""
    code: str = ""
    redirect_uri: str = ""
    code_verifier: str = ""
    refresh_token: str = ""
    device_code: str = ""
    api_key: str = ""
