"""What the routes of identities give."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from common.schemas import Command, Schema


class ProviderRead(Schema):
    """Another provider to sign in with: a browser goes to `/auth/oauth/{id}/start`."""

    id: str
    name: str


class IdentityRead(Schema, kw_only=True):
    """An account of yours at another provider that you can sign in with."""

    id: UUID
    provider: str
    name: str
    email: str
    created_at: datetime
    last_used_at: datetime | None = None


class LinkRequest(Command, frozen=True, kw_only=True):
    """Where the browser goes on to once the account is linked; to the security settings unless told."""

    redirect_uri: Annotated[str, Meta(max_length=4096, examples=["/auth/ui/security"])] | None = None


class LinkStarted(Schema):
    """Where the browser has to go to link the account."""

    redirect_to: str
