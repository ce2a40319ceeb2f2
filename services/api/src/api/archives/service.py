"""Resumes made from archives of ours, here or on another installation."""

from collections import defaultdict
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.archives.reading import read, unknown
from api.archives.schemas import Archive, ArchivedResume, ArchivedVersion
from api.contents import codec, writing
from api.contents.json_resume import Warning
from api.contents.snapshots import Layout, Snapshot, digest, thaw
from api.resumes import service as resumes
from api.resumes.models import Resume
from api.resumes.service import UnknownPageSize
from api.templates import service as templates
from api.templates.schemas import TemplateChoice
from api.templates.service import TemplateNotForKind, UnknownTemplate
from api.versions.models import Version
from common.ids import new_id, now

Ids = defaultdict[UUID, UUID]
"""The new id of each old one; whatever is not in it yet gets one."""


async def restore(
    db: AsyncSession, *, owner_id: UUID, document: dict[str, Any], title: str | None = None
) -> tuple[Resume, list[Warning]]:
    """`write` what `document` says. Raises ArchiveInvalid, ArchiveVersionUnsupported."""
    archive = read(document)
    resume, warnings = await write(db, owner_id=owner_id, archive=archive, title=title)
    return resume, [*unknown(document), *warnings]


async def write(
    db: AsyncSession, *, owner_id: UUID, archive: Archive, title: str | None = None
) -> tuple[Resume, list[Warning]]:
    """A new resume with all that the archive has, and what of it could not be taken over.

    All ids are new, for the old ones may be here already; a part that several versions have is one part again. So the
    layouts of versions are others, and so are their hashes: they are computed anew.
    """
    fitting, warnings = await _fitting(db, archive.resume, owner_id)
    ids: Ids = defaultdict(new_id)
    resume = await resumes.create(
        db,
        owner_id=owner_id,
        title=title or fitting.title,
        language=fitting.language,
        template=TemplateChoice(id=fitting.template.id, version=fitting.template.version),
        kind=fitting.kind,
        direction=fitting.direction,
        settings=fitting.settings,
        page_size=fitting.page_size,
        tagged=fitting.tags,
    )
    await writing.write(db, resume, _renamed(_thaw(archive.content, archive.layout), ids))
    for version in sorted(archive.versions, key=lambda version: version.number):
        db.add(_version(resume, version, ids))
    await db.flush()
    return resume, warnings


async def _fitting(
    db: AsyncSession, wanted: ArchivedResume, owner_id: UUID
) -> tuple[ArchivedResume, list[Warning]]:
    """`wanted` as it can be here, where there may be other templates."""
    warnings: list[Warning] = []
    choice = TemplateChoice(id=wanted.template.id, version=wanted.template.version)
    try:
        chosen = await templates.choose(db, choice, user_id=owner_id, kind=wanted.kind)
    except (UnknownTemplate, TemplateNotForKind) as problem:
        chosen = await templates.choose(db, None, user_id=owner_id, kind=wanted.kind)
        warnings.append(Warning("$.resume.template", f"{problem.detail} It is {chosen.id} now."))
    settings = templates.fitting(chosen, wanted.settings)
    for name in sorted(wanted.settings.keys() - settings.keys()):
        warnings.append(
            Warning(f"$.resume.settings.{name}", f"The template {chosen.id} has no such setting.")
        )
    page_size = wanted.page_size
    try:
        resumes.check_page_size(chosen, page_size)
    except UnknownPageSize as problem:
        page_size = None
        warnings.append(Warning("$.resume.pageSize", f"{problem.detail} It was left out."))
    template = msgspec.structs.replace(wanted.template, id=chosen.id, version=chosen.version)
    fitting = msgspec.structs.replace(wanted, template=template, settings=settings, page_size=page_size)
    return fitting, warnings


def _thaw(content: dict[str, Any], layout: dict[str, Any]) -> Snapshot:
    return thaw(codec.encode(content).decode(), codec.encode(layout).decode())


def _renamed(snapshot: Snapshot, ids: Ids) -> Snapshot:
    sections = [
        msgspec.structs.replace(
            section,
            id=ids[section.id],
            items=[msgspec.structs.replace(item, id=ids[item.id]) for item in section.items],
        )
        for section in snapshot.sections
    ]
    return msgspec.structs.replace(snapshot, sections=sections)


def _version(resume: Resume, version: ArchivedVersion, ids: Ids) -> Version:
    content, layout = codec.canonical(version.content), b"{}"
    if version.layout:
        restored = msgspec.convert(version.layout, Layout).restored
        layout = _renamed(_thaw(version.content, version.layout), ids).layout(restored)
    return Version(
        id=new_id(),
        resume_id=resume.id,
        owner_id=resume.owner_id,
        number=version.number,
        name=version.name,
        title=version.title,
        language=version.language,
        sha256=digest(content, layout),
        reason=version.reason,
        content=content.decode(),
        layout=layout.decode(),
        created_at=min(version.created_at, now()),
    )
