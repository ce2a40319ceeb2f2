"""The tables of OAuth clients, and of the assertions by which some prove themselves."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now

SERVICE, CONFIDENTIAL, PUBLIC = "service", "confidential", "public"
"""Kinds of clients: the platform's own services, which come from the settings; apps that can keep a secret; apps that
cannot (RFC 6749 section 2.1)."""


class OAuthClient(Base):
    """A client. A secret is of high entropy, which is why SHA-256 is enough to store it.

    `is_first_party`: one of the platform's own, which needs no consent and may be given the scope `platform`.
    """

    __tablename__ = "oauth_clients"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    secret_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    name: Mapped[str] = mapped_column(String(100), default="")
    auth_method: Mapped[str] = mapped_column(String(32), default="client_secret_basic")
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    redirect_uris: Mapped[list[str]] = mapped_column(default=list)
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(default=list)
    backchannel_logout_uri: Mapped[str | None] = mapped_column(Text)
    grant_types: Mapped[list[str]] = mapped_column(default=list)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    is_first_party: Mapped[bool] = mapped_column(default=False)
    home_uri: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    @property
    def is_from_settings(self) -> bool:
        """Whether it is what the settings say it is; the others were registered by staff, `created_by`."""
        return self.created_by is None


class UsedAssertion(Base):
    """The `jti` of a client's assertion (RFC 7523 section 3), kept until it expires: none is good twice."""

    __tablename__ = "used_assertions"

    jti_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
