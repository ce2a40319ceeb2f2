"""Families: resumes that are one in several languages."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import writing
from api.contents.cache import ContentCache
from api.contents.models import Item, Section
from api.contents.snapshots import renewed
from api.families import comparing, membership, queries, titles, variants
from api.families.schemas import Confirm, VariantCreate
from api.families.variants import Variant, digest
from api.resumes import service as resumes
from api.resumes.models import Resume
from common.db import Database
from common.ids import new_id
from common.problems import NotFound, Problem

MOST = 12
"""Resumes of one family."""


class NoFamily(NotFound):
    title = "The resume has no language variants"


class PartNotFound(NotFound):
    title = "There is no such part"


class FamilyFull(Problem):
    status, code, title = 409, "FAMILY_FULL", "The family has as many resumes as it may have"


class IsPrimary(Problem):
    status, code, title = 409, "IS_PRIMARY", "The primary resume follows no other"


class Family(NamedTuple):
    """A resume, the primary of its family, and all that are of it, the oldest first."""

    resume: Resume
    primary: Resume
    members: Sequence[Resume]


async def find(db: AsyncSession, resume_id: UUID, *, owner_id: UUID, hold: bool = False) -> Family:
    """The family of a resume; with `hold`, it stays as it is until the transaction ends.

    Raises ResumeNotFound, NoFamily.
    """
    resume = await resumes.get(db, resume_id, owner_id=owner_id)
    if resume.family_id is None:
        raise NoFamily
    members = await queries.members(db, resume.family_id, owner_id=owner_id, hold=hold)
    found = next((member for member in members if member.id == resume_id), None)
    if found is None:
        raise NoFamily
    return Family(found, next((m for m in members if m.is_primary), members[0]), members)


async def read(database: Database, resume_id: UUID, *, owner_id: UUID) -> bytes:
    """How the resumes of a family stand to each other: `FamilyRead` as JSON.

    Comparing large ones takes up to a second, so it is done in a thread, with no session open.
    """
    async with database.read() as db:
        family = await find(db, resume_id, owner_id=owner_id)
        others = [member for member in family.members if member.id != family.primary.id]
        primary, *rest = await variants.load(db, [family.primary, *others])
    return await asyncio.to_thread(_compared, primary, rest)


def _compared(primary: Variant, rest: Sequence[Variant]) -> bytes:
    family_id = primary.resume.family_id
    assert family_id is not None  # noqa: S101 (it is a member)
    return msgspec.json.encode(comparing.compare(family_id, primary, rest))


async def create(
    db: AsyncSession, cache: ContentCache, resume_id: UUID, *, owner_id: UUID, data: VariantCreate
) -> Resume:
    """A copy of a resume in another language, all of it still to be translated.

    The first one makes a family of the two, with the resume as its primary. It is linked to nothing in the library,
    which is worded in one language. Raises ResumeNotFound, VariantExists, FamilyFull.
    """
    source = await _source(db, resume_id, owner_id=owner_id)
    await membership.require_free_language(db, source, data.language)
    if source.language.casefold() == data.language.casefold():
        raise membership.VariantExists(f"The resume itself is in {source.language}.")
    is_new = source.family_id is None
    if is_new:
        source.family_id, source.is_primary = new_id(), True
        resumes.touch(db, cache, source)
    await queries.claim(db, source.id, anew=is_new)
    copy = await _copy(db, source, data)
    snapshot, ids = renewed(await writing.read(db, source))
    await writing.write(db, copy, snapshot)
    copy.family_id = source.family_id
    (original,) = await variants.load(db, [source])
    await queries.mark(db, Section, [{"id": ids[p.id], "counterpart_id": p.key} for p in original.sections])
    await queries.mark(
        db, Item, [{"id": ids[p.id], "counterpart_id": key} for key, p in original.items.items()]
    )
    return copy


async def _source(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> Resume:
    """The resume, held, and with it the family that it may have: of two requests one sees what the other made."""
    try:
        family = await find(db, resume_id, owner_id=owner_id, hold=True)
    except NoFamily:
        source = await resumes.hold(db, resume_id, owner_id=owner_id)
        await db.refresh(source)
        return source
    if len(family.members) >= MOST:
        raise FamilyFull(f"It has {MOST} at most.")
    return family.resume


async def _copy(db: AsyncSession, source: Resume, data: VariantCreate) -> Resume:
    """A resume that says nothing yet and looks like `source`; it is taken down if that is."""
    copy = await resumes.create(
        db,
        owner_id=source.owner_id,
        title=data.title or titles.of_variant(source.title, language=source.language, wanted=data.language),
        language=data.language,
        template=data.template,
        kind=source.kind,
        direction=source.direction,
        tagged=source.tags,
    )
    looks = ("template", "template_version", "settings", "page_size") if data.template is None else ()
    for name in (*looks, *resumes.TAKEN_DOWN):
        setattr(copy, name, getattr(source, name))
    return copy


async def make_primary(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> None:
    """Let the others of its family follow this resume from here on."""
    family = await find(db, resume_id, owner_id=owner_id, hold=True)
    if family.resume is not family.primary:
        others = [m for m in family.members if m.id not in {family.primary.id, family.resume.id}]
        await membership.hand_over(db, family.primary, family.resume, others)
    await membership.forget_former(db, family.resume)


async def leave(db: AsyncSession, cache: ContentCache, resume_id: UUID, *, owner_id: UUID) -> None:
    """Take a resume out of its family; it stays as it is."""
    family = await find(db, resume_id, owner_id=owner_id, hold=True)
    await membership.leave(db, cache, family.resume)


async def confirm(db: AsyncSession, resume_id: UUID, *, owner_id: UUID, data: Confirm) -> None:
    """Note that items of a variant say what the primary's say, without a change. Raises IsPrimary, PartNotFound."""
    primary, variant = await pair_of(db, resume_id, owner_id=owner_id)
    of_items = {part.id: primary.items[key] for key, part in variant.items.items() if key in primary.items}
    everything = data.item_ids is None and data.basics is None
    wanted = of_items.keys() if everything else set(data.item_ids or ())
    if not wanted <= of_items.keys():
        raise PartNotFound
    rows = [{"id": item_id, "translated_from": digest(of_items[item_id].data)} for item_id in wanted]
    await queries.mark(db, Item, rows)
    if (everything or data.basics) and primary.basics is not None and variant.basics is not None:
        variant.resume.translated_from = digest(primary.basics.data)


async def pair_of(db: AsyncSession, resume_id: UUID, *, owner_id: UUID) -> tuple[Variant, Variant]:
    """The primary of a family and one of its variants, both held. Raises IsPrimary."""
    family = await find(db, resume_id, owner_id=owner_id, hold=True)
    if family.resume is family.primary:
        raise IsPrimary("Choose another resume of the family.")
    primary, variant = await variants.load(db, [family.primary, family.resume])
    return primary, variant
