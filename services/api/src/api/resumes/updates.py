"""Changes of what a resume is called and looks like, and of its basics."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import codec, writing
from api.contents import service as contents
from api.contents.cache import ContentCache
from api.families import membership
from api.resumes import service, tags
from api.resumes.models import Resume
from api.resumes.schemas import ResumeUpdate
from api.search import service as search
from api.sections import entries
from api.templates import service as templates
from api.versions import automatic

_PLAIN = ("title", "language", "direction", "settings", "page_size")
_BASICS = ("basics", "basicsFields", "basicsRemove")


async def update(
    db: AsyncSession,
    cache: ContentCache,
    resume_id: UUID,
    *,
    owner_id: UUID,
    data: ResumeUpdate,
    if_match: str | None,
) -> Resume:
    """The resume as `data` wants it; its version rises if that changes anything.

    Raises what `resumes.to_change` does, what is wrong with the template, its settings or its page size, VariantExists, EditUnclear
    and EntryIsNoObject.
    """
    edit = entries.Edit(data.basics, data.basics_fields, data.basics_remove, _BASICS)
    is_said = edit.is_of_members or edit.whole is not UNSET
    find = contents.to_edit if is_said else service.to_change
    resume = await find(db, resume_id, owner_id=owner_id, if_match=if_match)
    changed = await _describe(db, resume, data)
    if data.tags is not UNSET:
        changed |= await tags.put(db, resume, tags.plain(data.tags))
    if changed:
        await search.index_head(db, resume)
    if is_said:
        changed |= await _say(db, resume, edit)
    if changed:
        service.touch(db, cache, resume)
    return resume


async def _describe(db: AsyncSession, resume: Resume, data: ResumeUpdate) -> bool:
    """Set what `data` has of the plain fields and the template; whether that changed anything."""
    given = {name: getattr(data, name) for name in _PLAIN}
    changes = {name: value for name, value in given.items() if value is not UNSET}
    if data.template is not UNSET or changes.keys() & {"settings", "page_size"}:
        changes |= await _fitting(db, resume, data)
    changed = {name: value for name, value in changes.items() if getattr(resume, name) != value}
    if "language" in changed:
        await membership.require_free_language(db, resume, changed["language"])
    for name, value in changed.items():
        setattr(resume, name, value)
    return bool(changed)


async def _fitting(db: AsyncSession, resume: Resume, data: ResumeUpdate) -> dict[str, Any]:
    """The template that the resume is to have, which must allow its page size and the settings that are new."""
    if data.template is UNSET:
        chosen = await templates.chosen(db, resume.template, resume.template_version, user_id=resume.owner_id)
    else:
        chosen = await templates.choose(db, data.template, user_id=resume.owner_id, kind=resume.kind)
    if data.settings is not UNSET:
        templates.check_options(chosen, data.settings, at="$.settings")
    service.check_page_size(chosen, resume.page_size if data.page_size is UNSET else data.page_size)
    return {"template": chosen.id, "template_version": chosen.version}


async def _say(db: AsyncSession, resume: Resume, edit: entries.Edit) -> bool:
    """Make the basics of the document what `edit` wants; whether that changed anything."""
    before = await writing.read(db, resume)
    text = _edited(before.basics, edit)
    members = [name for name in before.members if name != "basics" or text is not None]
    if text is not None and "basics" not in members:
        members = ["basics", *members]
    after = msgspec.structs.replace(before, members=members, basics=text)
    await automatic.before_loss(db, resume, before=before, after=after)
    return await writing.write(db, resume, after)


def _edited(basics: str | None, edit: entries.Edit) -> str | None:
    """The JSON of the basics, None without any. Those that are not there are begun by the first member that is set."""
    if not edit.is_of_members:
        return None if edit.whole is None else codec.encode(edit.whole).decode()
    text = entries.with_members(basics or "{}", edit)
    return None if basics is None and text == "{}" else text
