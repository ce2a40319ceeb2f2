"""Who is of a family, and which of them is the primary: what other changes of a resume mean for it.

A resume that joins or leaves a family is a new version of it; the others change no words by that and stay what they are.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.contents.cache import ContentCache
from api.contents.models import Item
from api.families import queries, variants
from api.families.variants import NEVER, Part, Variant, digest, pair
from api.resumes import service as resumes
from api.resumes.models import Resume
from common.problems import Problem


class VariantExists(Problem):
    status, code, title = 409, "VARIANT_EXISTS", "The family has a resume in this language"


async def require_free_language(db: AsyncSession, resume: Resume, language: str) -> None:
    """Raise VariantExists if `resume` may not be in `language` because another of its family is."""
    if not await _is_free(db, resume, language):
        raise VariantExists(f"There is one in {language} already.")


async def _is_free(db: AsyncSession, resume: Resume, language: str) -> bool:
    """Asked with the whole family held, so that no two take one language at once."""
    taken = await _others(db, resume) if resume.family_id is not None else []
    return language.casefold() not in {other.language.casefold() for other in taken}


async def trashed(db: AsyncSession, resume: Resume) -> None:
    """After `resume` went to the trash: if it was the primary, the oldest of the others stands in for it. It stays of the
    family, and marked as its primary, unless it stood in for another itself."""
    if resume.family_id is None or not resume.is_primary:
        return
    others = await _others(db, resume)
    former = await _in_trash(db, resume)
    if others:
        await hand_over(db, resume, others[0], [*others[1:], *former])
        resume.is_primary = not former
    elif former:
        await hand_over(db, resume, former[0], [])


async def restored(db: AsyncSession, cache: ContentCache, resume: Resume) -> None:
    """After `resume` came back: it is what it was, primary or variant, unless another took its place; if it is alone, it
    stands in for the primary."""
    if resume.family_id is None:
        return
    others = await _others(db, resume)
    if not await _is_free(db, resume, resume.language):
        resume.is_primary = False
        await leave(db, cache, resume)
    elif resume.is_primary and others:
        stand_in = next((other for other in others if other.is_primary), others[0])
        await hand_over(db, stand_in, resume, [other for other in others if other is not stand_in])
    elif not others:
        for former in await _in_trash(db, resume):
            await hand_over(db, former, resume, [])
            former.is_primary = True
        resume.is_primary = True


async def forget_former(db: AsyncSession, resume: Resume) -> None:
    """After the owner chose a primary: the one in the trash, for which another stood in, comes back as a variant."""
    for former in await _in_trash(db, resume):
        former.is_primary = False


async def of(db: AsyncSession, resume_ids: Collection[UUID]) -> set[UUID]:
    """The families that resumes are of, to be told to `purged`."""
    return set(await queries.family_ids(db, resume_ids))


async def purged(db: AsyncSession, family_ids: Collection[UUID]) -> None:
    """After resumes of these families are gone for good: a family of one is none."""
    if family_ids:
        await queries.end_if_alone(db, family_ids)


async def leave(db: AsyncSession, cache: ContentCache, resume: Resume) -> None:
    """Take `resume` out of its family. A family of one is none."""
    family_id = resume.family_id
    if family_id is None:
        return
    others = await _others(db, resume)
    if resume.is_primary and others:
        await hand_over(db, resume, others[0], others[1:])
    _part(db, cache, resume)
    left = await queries.everyone(db, family_id, owner_id=resume.owner_id)
    if len(left) == 1:
        _part(db, cache, left[0])


def _part(db: AsyncSession, cache: ContentCache, resume: Resume) -> None:
    resume.family_id, resume.is_primary, resume.translated_from = None, False, None
    resumes.touch(db, cache, resume)


async def hand_over(db: AsyncSession, old: Resume, new: Resume, others: Sequence[Resume]) -> None:
    """Make `new` the primary of the family instead of `old`.

    Parts that agreed with the old primary's agree with the new one's if those did too; others are outdated.
    """
    before, after, *rest = await variants.load(db, [old, new, *others])
    agreed = pair(before, after).items
    agreeing = {
        item.id: digest(agreed[item.id].data)
        for section in before.sections
        for item in section.items
        if item.id in agreed and _agrees(item, agreed[item.id])
    }
    rows = [
        {"id": item.id, "translated_from": agreeing.get(item.id, NEVER)} for item in before.items.values()
    ]
    for variant in rest:
        rows += _followers(before, pair(before, variant).items, agreeing)
    rows += [{"id": item.id, "translated_from": None} for item in after.items.values()]
    await queries.mark(db, Item, rows)
    _hand_over_basics(before, after, rest)
    old.is_primary, new.is_primary = False, True


def _followers(
    before: Variant, followers: dict[UUID, Part], agreeing: dict[UUID, str]
) -> list[dict[str, Any]]:
    """How the items of another variant stand to the new primary's."""
    rows = []
    for section in before.sections:
        for item in section.items:
            follower = followers.get(item.id)
            if follower is not None and follower.translated_from is not None:
                follows = agreeing.get(item.id) if _follows(follower, item) else None
                rows.append({"id": follower.id, "translated_from": follows or NEVER})
    return rows


def _hand_over_basics(before: Variant, after: Variant, rest: Sequence[Variant]) -> None:
    old, new = before.basics, after.basics
    says = digest(new.data) if old is not None and new is not None and _agrees(old, new) else NEVER
    for variant in rest:
        part = variant.basics
        if part is not None and part.translated_from is not None:
            follows = old is not None and _follows(part, old)
            variant.resume.translated_from = says if follows else NEVER
    before.resume.translated_from, after.resume.translated_from = says, None


def _follows(part: Part, primary: Part) -> bool:
    """Whether its writer said that `part` says what `primary` says."""
    return part.translated_from == digest(primary.data)


def _agrees(primary: Part, part: Part) -> bool:
    """The same, or whether both say so in the very same words."""
    return _follows(part, primary) or digest(part.data) == digest(primary.data)


async def _in_trash(db: AsyncSession, resume: Resume) -> list[Resume]:
    """The other of the family, if any, that was its primary until it went to the trash."""
    found = await queries.primary_in_trash(db, resume)
    return [found] if found is not None else []


async def _others(db: AsyncSession, resume: Resume) -> list[Resume]:
    assert resume.family_id is not None  # noqa: S101 (asked of members alone)
    found = await queries.members(db, resume.family_id, owner_id=resume.owner_id, hold=True)
    return [other for other in found if other.id != resume.id]
