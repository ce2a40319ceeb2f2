"""What is remembered of mails: what became of each, and who wants none. Whom they are for is a hash (`recipients`)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now

Outcome = Literal["sending", "sent", "waiting", "suppressed", "limited", "refused", "bounced", "expired"]
"""`sending`: in the hands of the mail server, or about to be; `waiting`: put off by it, or by the limit of the recipient;
`bounced`: refused because there is no such recipient, `refused`: for anything else."""
Reason = Literal["unsubscribed", "bounced", "complained", "manual"]
ALL = "all"
"""Stands for every category."""


class LoggedMail(Base):
    """One mail, by its job, and what became of it last. Nothing that it said. `category` and `recipient` are empty for
    mails of before these were kept."""

    __tablename__ = "mail_log"
    __table_args__ = (Index("ix_mail_log_recipient_at", "recipient", "at"),)

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    template: Mapped[str] = mapped_column(String(64))
    category: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    recipient: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(255))
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(80), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(default=now, index=True)

    @property
    def id(self) -> UUID:
        return self.job_id


class Suppression(Base):
    """A recipient gets no mails of a category, or none at all."""

    __tablename__ = "mail_suppressions"
    __table_args__ = (UniqueConstraint("recipient", "category"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    recipient: Mapped[str] = mapped_column(String(64))
    category: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(default=now)
