"""Finding resumes by what they say: what follows a change of one, and where in one words were found."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.changes import Changes
from api.resumes.models import Resume
from api.search import extraction, folding, queries
from api.search.excerpts import MOST, Excerpt, excerpt
from api.search.parsing import Clause
from api.search.schemas import Field, Match


async def index_head(db: AsyncSession, resume: Resume) -> None:
    """Bring the index in step with the title, the tags, the basics and the other members of `resume`."""
    wanted = {
        "title": extraction.rows(extraction.leaves(resume.title)),
        "tags": extraction.rows(extraction.leaves(list(await queries.tags(db, resume.id)))),
        "basics": extraction.texts(resume.basics or "null"),
        "extra": extraction.texts(resume.extra),
    }
    known: defaultdict[str, list[str]] = defaultdict(list)
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for row in sorted(await queries.head(db, resume.id), key=lambda row: row.id):
        known[row.field].append(row.text)
        ids[row.field].append(row.id)
    changed = [field for field in queries.HEAD if known[field] != wanted[field]]
    await queries.remove(db, [number for field in changed for number in ids[field]])
    rows = [row for field in changed for row in _rows(resume, field, wanted[field])]
    await queries.add(db, rows, owner_id=resume.owner_id)


async def follow(db: AsyncSession, resume: Resume, *, sections: Changes, items: Changes) -> None:
    """Bring the index in step with rows of `resume` that were just written. What is deleted is gone by itself."""
    headed = [row for row in (*sections.inserts, *sections.updates) if "title" in row]
    told = [row for row in (*items.inserts, *items.updates) if "data" in row]
    await queries.remove_sections(db, [row["id"] for row in sections.updates if "title" in row])
    await queries.remove_items(db, [row["id"] for row in items.updates if "data" in row])
    rows = [
        row
        for section in headed
        for row in _rows(resume, "section", _lines(section["title"]), section_id=section["id"])
    ] + [
        row
        for item in told
        for row in _rows(resume, "item", extraction.texts(item["data"]), item_id=item["id"])
    ]
    await queries.add(db, rows, owner_id=resume.owner_id)


def _lines(title: str | None) -> list[str]:
    return extraction.rows(extraction.leaves(title))


def _rows(
    resume: Resume,
    field: str,
    texts: Iterable[str],
    *,
    section_id: UUID | None = None,
    item_id: UUID | None = None,
) -> list[dict[str, Any]]:
    place = {"resume_id": resume.id, "section_id": section_id, "item_id": item_id, "field": field}
    return [place | {"text": text, "words": words} for text in texts if (words := folding.words(text))]


async def matches(
    db: AsyncSession, resumes: Sequence[Resume], clauses: Sequence[Clause], *, owner_id: UUID
) -> dict[UUID, list[Match]]:
    """Where the words were found in each of the owner's `resumes`: up to three excerpts, the title's first."""
    if not resumes or not clauses:
        return {}
    found: defaultdict[UUID, list[Match]] = defaultdict(list)
    for resume in resumes:
        if piece := excerpt(resume.title, clauses):
            found[resume.id].append(_match("title", piece))
    rows = await queries.texts(db, [r.id for r in resumes], clauses, owner_id=owner_id, most=MOST)
    sections = await queries.sections_of(db, [row.item_id for row in rows if row.item_id])
    for row in rows:
        if len(found[row.resume_id]) < MOST and (piece := excerpt(row.text, clauses)):
            section_id = sections.get(row.item_id) if row.item_id else row.section_id
            found[row.resume_id].append(_match(row.field, piece, section_id, row.item_id))
    return found


def _match(
    field: Field, piece: Excerpt, section_id: UUID | None = None, item_id: UUID | None = None
) -> Match:
    return Match(field=field, section_id=section_id, item_id=item_id, text=piece.text, ranges=piece.ranges)
