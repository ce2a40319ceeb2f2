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

from api.resumes.models import Resume
from api.search.models import SHOWN
from api.search.parsing import Clause

# The sum keeps SQLite from looking up each match by its number.
_NUMBER: ColumnElement[int] = literal_column("resumes.number + 0", Integer())
_INDEX = table("search_index", column("rowid"))
_MATCHES = (
    "SELECT * FROM (SELECT s.id, s.resume_id, s.field, s.section_id, s.item_id, s.text FROM search_index i "
    "JOIN search_texts s ON s.id = i.rowid & 4294967295 WHERE i.search_index MATCH :wanted "
    "AND i.rowid BETWEEN :n{0} << 32 AND (:n{0} << 32) + 4294967295 AND s.field <> 'title' "
    "ORDER BY i.rowid LIMIT :most)"
)


def vector(words: Sequence[str], _owner_id: UUID) -> str:
    return " ".join(words)


def holds(clause: Clause, owner_id: UUID, *, in_title: bool) -> ColumnElement[bool]:
    """Whether a row of `resumes` has the words of `clause`."""
    wanted = _expression([clause], ("t" if in_title else "o") + key(owner_id))
    found: Select[int] = select(literal_column("rowid >> 32", Integer())).select_from(_INDEX)
    return _NUMBER.in_(found.where(literal_column("search_index").op("MATCH")(wanted)))


async def texts(
    db: AsyncSession, resume_ids: Sequence[UUID], clauses: Sequence[Clause], owner_id: UUID, *, most: int
) -> Sequence[Row[Any]]:
    """Of each resume the first `most` texts that have words of any of `clauses`, but for its title."""
    numbered: Select[int] = select(literal_column("number", Integer()))
    found = await db.scalars(numbered.where(Resume.id.in_(resume_ids)))
    numbers = {f"n{place}": number for place, number in enumerate(found)}
    wanted = text(" UNION ALL ".join(_MATCHES.format(place) for place in range(len(numbers))))
    parameters = numbers | {"wanted": _expression(clauses, "o" + key(owner_id)), "most": most}
    return (await db.execute(wanted.columns(*SHOWN), parameters)).all()


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
