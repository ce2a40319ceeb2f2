"""The index of PostgreSQL: a `tsvector` with a GIN index, in which all words of an owner begin with the owner's key, as
in SQLite's. The vectors are made here, of the words as they are, so that both databases find the same."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, cast, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from api.resumes.models import Resume
from api.search.models import SHOWN, SearchText
from api.search.parsing import Clause
from api.search.sqlite import key

_MATCHES = (
    text(
        "SELECT s.* FROM unnest(:resumes) AS wanted (id) CROSS JOIN LATERAL ("
        "SELECT id, resume_id, field, section_id, item_id, text FROM search_texts WHERE resume_id = wanted.id "
        "AND field <> 'title' AND words @@ CAST(:wanted AS tsquery) "
        'ORDER BY field COLLATE "C", id LIMIT :most) AS s'
    )
    .bindparams(bindparam("resumes", type_=ARRAY(Uuid())))
    .columns(*SHOWN)
)


def vector(words: Sequence[str], owner_id: UUID) -> str:
    prefix = "o" + key(owner_id)
    return " ".join(f"{prefix}{word}:{place}" for place, word in enumerate(words, 1))


def holds(clause: Clause, owner_id: UUID, *, in_title: bool) -> ColumnElement[bool]:
    """Whether a row of `resumes` has the words of `clause`."""
    wanted = cast(_expression([clause], "o" + key(owner_id)), TSQUERY())
    found = select(SearchText.resume_id).where(SearchText.words.op("@@")(wanted))
    return Resume.id.in_(found.where(SearchText.field == "title") if in_title else found)


async def texts(
    db: AsyncSession, resume_ids: Sequence[UUID], clauses: Sequence[Clause], owner_id: UUID, *, most: int
) -> Sequence[Row[Any]]:
    """Of each resume the first `most` texts that have words of any of `clauses`, but for its title."""
    wanted = _expression(clauses, "o" + key(owner_id))
    found = await db.execute(_MATCHES, {"resumes": list(resume_ids), "wanted": wanted, "most": most})
    return found.all()


def _expression(clauses: Iterable[Clause], key: str) -> str:
    """A `tsquery`. Words have no character that means anything in it."""
    return " | ".join(
        f"({' <-> '.join(key + word for word in clause.words)}{':*' if clause.is_open else ''})"
        for clause in clauses
    )
