"""What the endpoints about tokens take and give; snake_case, as OAuth and OpenID Connect have it."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType


class TokenForm(msgspec.Struct, kw_only=True, frozen=True):
    """The form of RFC 7662 section 2.1 and RFC 7009 section 2.1, and what proves the client."""

    token: Annotated[str, Meta(examples=["…"])]
    token_type_hint: str = ""
    client_id: str = ""
    client_secret: str = ""
    client_assertion_type: str = ""
    client_assertion: str = ""


class Introspected(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """RFC 7662 section 2.2; nothing but `active` for a token that does not work, or is none of the client's business."""

    active: bool
    iss: str | UnsetType = UNSET
    sub: str | UnsetType = UNSET
    aud: list[str] | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    token_type: str | UnsetType = UNSET
    exp: int | UnsetType = UNSET
    iat: int | UnsetType = UNSET
    jti: str | UnsetType = UNSET
    acr: str | UnsetType = UNSET
    auth_time: int | UnsetType = UNSET


class UserInfo(msgspec.Struct, kw_only=True, frozen=True):
    """OpenID Connect Core section 5.1: what the scopes `profile` and `email` stand for. `updated_at` in Unix seconds."""

    sub: str
    name: str | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    updated_at: int | UnsetType = UNSET
    email: str | UnsetType = UNSET
    email_verified: bool | UnsetType = UNSET
