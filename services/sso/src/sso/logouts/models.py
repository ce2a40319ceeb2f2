"""The table of logouts that clients have still to be told of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now


class BackchannelLogout(Base):
    """A logout token on its way to a client (OpenID Connect Back-Channel Logout 1.0); the row goes when it arrived."""

    __tablename__ = "backchannel_logouts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"))
    uri: Mapped[str] = mapped_column(Text)
    user_id: Mapped[UUID]
    session_id: Mapped[UUID]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now, index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
