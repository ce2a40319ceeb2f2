"""The table of what can be found in resumes."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from api.contents.models import Item, Section
from api.resumes.models import Resume
from common.db import Base


class SearchText(Base):
    """A stretch of text of a resume: of its `title`, `tags`, `basics` or `extra` (`field`), of a `section`'s title or
    of an `item`. Lines of `text` are texts of their own. Rows are written and deleted, never changed.

    `words` is what the index is made of. On PostgreSQL it is the index's vector. On SQLite it is words with spaces
    between, and triggers keep the table `search_index` (FTS5) in step; they fill the columns `owner` and `place` and
    those of `resumes` called `number`, which are there alone (migration 0003 says what they are for).
    """

    __tablename__ = "search_texts"
    __table_args__ = (Index("ix_search_texts_resume_id_field", "resume_id", "field"),)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    resume_id: Mapped[UUID] = mapped_column(ForeignKey(Resume.id, ondelete="CASCADE"))
    section_id: Mapped[UUID | None] = mapped_column(ForeignKey(Section.id, ondelete="CASCADE"), index=True)
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey(Item.id, ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"), deferred=True)


SHOWN = (
    SearchText.id,
    SearchText.resume_id,
    SearchText.field,
    SearchText.section_id,
    SearchText.item_id,
    SearchText.text,
)
"""The columns of a text that was found."""
