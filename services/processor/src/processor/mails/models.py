"""The mails that were sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now


class SentMail(Base):
    """A row says that the mail server took the mail. Who got it is a hash: enough to look an address up, no more."""

    __tablename__ = "email_log"

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    template: Mapped[str] = mapped_column(String(64))
    recipient_sha256: Mapped[str] = mapped_column(String(64), index=True)
    message_id: Mapped[str] = mapped_column(String(255))
    sent_at: Mapped[datetime] = mapped_column(default=now)
