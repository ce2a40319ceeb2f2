"""What the account routes take and give."""

from datetime import datetime
from uuid import UUID

from common.schemas import Command, Schema
from sso.fields import Locale, PersonName


class UserRead(Schema):
    """An account as its owner sees it."""

    id: UUID
    email: str
    email_verified: bool
    name: str
    locale: str
    roles: list[str]
    created_at: datetime
    last_login_at: datetime | None = None


class UserUpdate(Command, frozen=True, kw_only=True):
    """What is left out stays."""

    name: PersonName | None = None
    locale: Locale | None = None
