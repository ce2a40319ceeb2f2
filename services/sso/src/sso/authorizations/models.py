"""The table of authorization codes."""

from uuid import UUID

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from sso.one_time import OneTime


class AuthorizationCode(AuthorizationCodeMixin, OneTime, Base):
    """A code that a client may exchange once, bound to it, its redirect URI and its PKCE challenge (SECURITY 18).

    `session_id` is the browser's session, `granted_session_id` the client's own that the exchange made: a second use
    of the code ends it.
    """

    __tablename__ = "authorization_codes"

    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    redirect_uri: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str | None] = mapped_column(Text)
    code_challenge: Mapped[str] = mapped_column(String(128))
    granted_session_id: Mapped[UUID | None]

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope
