"""The index of SQLite (FTS5).

All words of an owner begin with the owner's key, so that a search reads only what is the owner's, and beginnings of
words are found in one stretch of the index. The id of a row in it is the resume's number and the text's: which resumes
match is known from the index alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, Select, column, literal_column, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from api.search.models import SHOWN
from api.search.parsing import Clause

# The sum keeps SQLite from looking up each match by its number.
_NUMBER: ColumnElement[int] = literal_column("resumes.number + 0", Integer())
_INDEX = table("search_index", column("rowid"))
_MATCHES = (
    "SELECT * FROM (SELECT id, resume_id, field, section_id, item_id, text FROM search_texts "
    "WHERE resume_id = :r{place} AND field <> 'title' AND ({found}) ORDER BY field, id LIMIT :most)"
)
_FOUND = "instr(' ' || words || ' ', :w{place})"


def vector(words: Sequence[str], _owner_id: UUID) -> str:
    return " ".join(words)


def holds(clause: Clause, owner_id: UUID, *, in_title: bool) -> ColumnElement[bool]:
    """Whether a row of `resumes` has the words of `clause`."""
    wanted = _expression([clause], ("t" if in_title else "o") + key(owner_id))
    found: Select[int] = select(literal_column("rowid >> 32", Integer())).select_from(_INDEX)
    return _NUMBER.in_(found.where(literal_column("search_index").op("MATCH")(wanted)))


async def texts(
    db: AsyncSession, resume_ids: Sequence[UUID], clauses: Sequence[Clause], _owner_id: UUID, *, most: int
) -> Sequence[Row[Any]]:
    """Of each resume the first `most` texts that have words of any of `clauses`, but for its title.

    Without the index, which has all places of a word in order: what one resume says is soon looked through.
    """
    found = " OR ".join(_FOUND.format(place=place) for place in range(len(clauses)))
    wanted = [_MATCHES.format(place=place, found=found) for place in range(len(resume_ids))]
    parameters: dict[str, Any] = {f"r{place}": resume_id.hex for place, resume_id in enumerate(resume_ids)}
    for place, clause in enumerate(clauses):
        parameters[f"w{place}"] = f" {' '.join(clause.words)}{'' if clause.is_open else ' '}"
    rows = await db.execute(text(" UNION ALL ".join(wanted)).columns(*SHOWN), parameters | {"most": most})
    return rows.all()


def key(owner_id: UUID) -> str:
    """What the words of an owner begin with: the end of the id, which is random. Two that share one see nothing of each
    other, for every search asks for resumes of one owner too."""
    return owner_id.hex[-12:]


def _expression(clauses: Iterable[Clause], key: str) -> str:
    """FTS5's query. Words have no character that means anything in it."""
    return " OR ".join(
        f'"{" ".join(key + word for word in clause.words)}"{" *" if clause.is_open else ""}'
        for clause in clauses
    )
