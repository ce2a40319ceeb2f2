"""The table of failed sign-ins that are counted."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now


class AccountLockout(Base):
    """What failed on one account or from one address, by the SHA-256 of which of the two and its name."""

    __tablename__ = "account_lockouts"

    key_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_failed_at: Mapped[datetime] = mapped_column(default=now, index=True)
    told_owner_at: Mapped[datetime | None]
