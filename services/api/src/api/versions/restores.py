"""Going back: a resume says again what a version of it says."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import codec, writing
from api.contents.cache import ContentCache
from api.contents.snapshots import ItemState, SectionState, Snapshot, arranged, thaw
from api.resumes import service as resumes
from api.resumes.models import Resume
from api.versions import service
from api.versions.diffs.states import normal
from api.versions.models import Version


async def restore(
    db: AsyncSession, cache: ContentCache, version_id: UUID, *, owner_id: UUID, if_match: str | None
) -> tuple[Resume, Version, Version | None]:
    """The resume, which says and is laid out as the version is; the version of what it said until now; and the new
    version that it is now, None if it said so already.

    Title, language and template stay. Entries that are still there keep their rows, and so what hangs on those.
    Raises VersionNotFound and what `resumes.to_change` does.
    """
    version = await service.whole(db, version_id, owner_id=owner_id)
    resume = await resumes.to_change(db, version.resume_id, owner_id=owner_id, if_match=if_match)
    until_now, _ = await service.freeze(db, resume, reason="restore")
    present = await writing.read(db, resume)
    wanted = thaw(version.content, version.layout, like=normal(present))
    if await writing.write(db, resume, _spelt_like(present, wanted)):
        resumes.touch(db, cache, resume)
        return resume, until_now, await service.freeze_restored(db, resume, of=version)
    return resume, until_now, None


def _spelt_like(present: Snapshot, wanted: Snapshot) -> Snapshot:
    """`wanted` with the order of members, in the document and in its parts, where `present` says the same: a version
    is canonical JSON, which has forgotten that."""
    known = [name for name in present.members if name in set(wanted.members)]
    members = known + [name for name in wanted.members if name not in set(known)]
    texts = {item.id: item.data for section in present.sections for item in section.items}
    sections = [_spelt(section, texts) for section in wanted.sections]
    return msgspec.structs.replace(
        wanted,
        members=arranged(members, [section.name for section in sections]),
        basics=_text(wanted.basics, present.basics),
        extra=_text(wanted.extra, present.extra) or "{}",
        sections=sections,
    )


def _spelt(section: SectionState, texts: dict[UUID, str]) -> SectionState:
    items = [_item(item, texts.get(item.id)) for item in section.items]
    return msgspec.structs.replace(section, items=items)


def _item(wanted: ItemState, present: str | None) -> ItemState:
    return msgspec.structs.replace(wanted, data=_text(wanted.data, present) or wanted.data)


def _text(wanted: str | None, present: str | None) -> str | None:
    """`present` if it says what `wanted`, a canonical text, does."""
    if wanted is None or present is None:
        return wanted
    return present if codec.canonical(codec.decode(present)).decode() == wanted else wanted
