"""The table of signing keys."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import now

State = Literal["published", "active", "retired"]


class SigningKey(Base):
    """An RSA key. It is published (in JWKS, not in use), then active, then retired; the times say which.

    `usable_from` is when every verifier has had the time to fetch it; `active_from` and `retired_at` are set when it
    takes over and when its successor does, and may lie ahead.
    """

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_jwk: Mapped[dict[str, Any]]
    sealed_private_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)
    usable_from: Mapped[datetime]
    active_from: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]

    def state(self, at: datetime) -> State:
        if self.active_from is None or self.active_from > at:
            return "published"
        return "active" if self.retired_at is None or self.retired_at > at else "retired"
