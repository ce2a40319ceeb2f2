"""The tables of links that show a resume to others, and of how often they were opened."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from common.ids import new_id, now


class Share(Base):
    """A link that shows a resume to whoever has it: as it is now, or one version of it (`version_id`).

    `slug` is its place under `/r/`, in lower case; a link that was revoked keeps it, until its owner gives it to
    another one. `key` signs what visitors were admitted with: a new one ends all of that. `opens` is how often it was
    opened, to the last one where `max_views` bounds it. `version` rises with every change of the link.
    """

    __tablename__ = "shares"
    __table_args__ = (
        Index("ix_shares_resume_id_id", "resume_id", "id"),
        Index("ix_shares_version_id", "version_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resume_id: Mapped[UUID] = mapped_column(ForeignKey("resumes.id", ondelete="CASCADE"))
    owner_id: Mapped[UUID]
    # A version that is deleted takes its links with it: they must never show more than they were made for.
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    slug: Mapped[str | None] = mapped_column(String(64), unique=True)
    label: Mapped[str | None] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    key: Mapped[bytes] = mapped_column(LargeBinary(32))
    expires_at: Mapped[datetime | None]
    max_views: Mapped[int | None]
    opens: Mapped[int] = mapped_column(default=0)
    allow_download: Mapped[bool] = mapped_column(default=False)
    allow_comments: Mapped[bool] = mapped_column(default=False)
    indexable: Mapped[bool] = mapped_column(default=False)
    show_contact: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]


class SpentSlug(Base):
    """A slug that somebody chose. It stays theirs when the link is gone with its version or its resume: whoever has the
    address on paper must never come to a page of somebody else."""

    __tablename__ = "spent_slugs"

    slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ShareFile(Base):
    """The export that a link offers in a format, and what it was made of (`source`): there is one for each content."""

    __tablename__ = "share_files"

    share_id: Mapped[UUID] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"), primary_key=True)
    format: Mapped[str] = mapped_column(String(16), primary_key=True)
    source: Mapped[str] = mapped_column(String(100))
    export_id: Mapped[UUID] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ShareViews(Base):
    """What was counted of a link on one day (UTC)."""

    __tablename__ = "share_views"

    share_id: Mapped[UUID] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(default=0)
    visitors: Mapped[int] = mapped_column(default=0)
    downloads: Mapped[int] = mapped_column(default=0)


class ShareReferrer(Base):
    """How many views of a day came from links on the pages of a host."""

    __tablename__ = "share_referrers"

    share_id: Mapped[UUID] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(100), primary_key=True)
    views: Mapped[int] = mapped_column(default=0)


class ShareVisitor(Base):
    """Somebody was there already today. `mark` is keyed with the day's salt and means nothing once that is gone."""

    __tablename__ = "share_visitors"

    day: Mapped[date] = mapped_column(primary_key=True)
    mark: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)


class ShareSalt(Base):
    """The key of one day's marks. Without it nobody can tell whom they were made of, and it goes with its day."""

    __tablename__ = "share_salts"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
