"""What the SSO tells the admin service about accounts."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

UserStatus = Literal["active", "suspended"]


class UserRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An account as staff see it: `GET /internal/users/{id}` and the items of `GET /internal/users`."""

    id: UUID
    email: str
    name: str
    locale: str
    status: UserStatus
    roles: list[str]
    email_verified: bool
    created_at: datetime
    last_login_at: datetime | None = None


class UserPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    items: list[UserRecord]
    next_cursor: str | None = None


class UserChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The body of `PATCH /internal/users/{id}`: what is left out stays. A suspended user's sessions end at once."""

    status: UserStatus | None = None
    roles: list[str] | None = None
