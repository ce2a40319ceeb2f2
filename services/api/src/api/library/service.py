"""The library: facts that several resumes may say."""

from uuid import UUID

from msgspec import UNSET, Raw
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import bounds, codec
from api.library import merging, queries
from api.library.models import LibraryItem
from api.library.schemas import LibraryItemRead, LibraryItemUpdate
from api.search import extraction, folding
from common import etags
from common.ids import new_id, now
from common.problems import NotFound, Problem

MOST = 5000
"""Library items that one user may have."""
_MOST_WORDS = 20_000


class LibraryItemNotFound(NotFound):
    title = "Library item not found"


class LibraryFull(Problem):
    status, code, title = 409, "LIBRARY_FULL", "The library is full"


async def get(db: AsyncSession, library_item_id: UUID, *, owner_id: UUID) -> LibraryItem:
    found = await queries.find(db, library_item_id, owner_id=owner_id)
    if found is None:
        raise LibraryItemNotFound
    return found


async def hold(
    db: AsyncSession, library_item_id: UUID, *, owner_id: UUID, if_match: str | None = None
) -> LibraryItem:
    """The library item, which stays as it is until this transaction ends.

    What needs a resume as well holds the library item first. Raises LibraryItemNotFound, VersionConflict.
    """
    found = await queries.hold(db, library_item_id, owner_id=owner_id)
    if found is None:
        raise LibraryItemNotFound
    etags.require(if_match, found.version)
    return found


async def create(db: AsyncSession, *, owner_id: UUID, kind: str, data: str, name: str | None) -> LibraryItem:
    """A library item that says `data`, JSON text. Raises LibraryFull."""
    if await queries.count(db, owner_id=owner_id) >= MOST:
        raise LibraryFull(f"It holds {MOST} items at most.")
    made = LibraryItem(
        id=new_id(), owner_id=owner_id, kind=kind, name=name, data=data, words=_words(name, data)
    )
    db.add(made)
    await db.flush()
    return made


async def update(
    db: AsyncSession, library_item_id: UUID, *, owner_id: UUID, data: LibraryItemUpdate, if_match: str | None
) -> LibraryItem:
    """Change a library item; its uses become outdated if it says something else now."""
    found = await hold(db, library_item_id, owner_id=owner_id, if_match=if_match)
    text = found.data if data.data is UNSET else bounds.item_text(data.data)
    name = found.name if data.name is UNSET else data.name
    change(found, data=text, name=name)
    return found


def change(found: LibraryItem, *, data: str, name: str | None) -> None:
    """A new version of `found` (held), if that makes a difference."""
    differs = not merging.same(found.data, data)
    if differs:
        found.data = data
    if differs or found.name != name:
        found.name = name
        found.words = _words(name, found.data)
        found.version += 1
        found.updated_at = now()


async def delete(db: AsyncSession, library_item_id: UUID, *, owner_id: UUID, if_match: str | None) -> None:
    """Forget a library item. What used it keeps what it says."""
    await queries.delete(db, await hold(db, library_item_id, owner_id=owner_id, if_match=if_match))


def folded(text: str) -> str:
    """`text` as it is searched for: its words without case, diacritics and signs between them."""
    return " ".join(folding.words(text))


def _words(name: str | None, data: str) -> str:
    texts = extraction.leaves([name, codec.decode(data)])
    return folded("\n".join(texts))[:_MOST_WORDS]


async def shape(db: AsyncSession, found: LibraryItem) -> LibraryItemRead:
    """The library item as it goes out; encode it with `codec.encode`, which keeps its numbers."""
    return shaped(found, await queries.counts(db, [found.id], owner_id=found.owner_id))


def shaped(found: LibraryItem, uses: dict[UUID, int]) -> LibraryItemRead:
    same = ("id", "kind", "name", "version", "created_at", "updated_at")
    return LibraryItemRead(
        **{field: getattr(found, field) for field in same},
        data=Raw(found.data.encode()),
        uses=uses.get(found.id, 0),
    )
