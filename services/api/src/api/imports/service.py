"""Resumes made from documents of other programs."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.archives import service as archives
from api.contents import codec, writing
from api.contents.json_resume import Warning
from api.contents.snapshots import Layout
from api.imports import formats
from api.imports.formats import Imported, Source
from api.imports.schemas import ImportCommand, ImportPreview, ImportRead
from api.resumes import service as resumes
from api.resumes.models import Resume

UNTITLED = "Untitled resume"
LANGUAGE = "en"
_LONGEST_TITLE = 200
# A document of some megabytes keeps a processor busy for a second: not the one that answers all others, and not all.
_reading = asyncio.Semaphore(2)


async def read(source: Source, *, format: str | None) -> Imported:
    """What `source` says. Raises Unreadable, UnsupportedFormat."""
    async with _reading:
        return await asyncio.to_thread(formats.read, source, format)


async def create(db: AsyncSession, *, owner_id: UUID, data: ImportCommand, imported: Imported) -> ImportRead:
    """A resume that says what was imported."""
    make = _fill if imported.archive is None else _restore
    resume, warnings = await make(db, owner_id, data, imported)
    return ImportRead(
        resume=resumes.shape(resume),
        format=imported.format,
        warnings=[*imported.warnings, *warnings],
        placed=imported.placed,
    )


async def _fill(
    db: AsyncSession, owner_id: UUID, data: ImportCommand, imported: Imported
) -> tuple[Resume, list[Warning]]:
    title, language = data.title or _title(imported), data.language or imported.language or LANGUAGE
    page_size, warnings = imported.page_size, list[Warning]()
    try:
        resume = await resumes.create(
            db, owner_id=owner_id, title=title, language=language, page_size=page_size
        )
    except resumes.UnknownPageSize as problem:
        warnings.append(Warning("$", f"Not imported: the page size {page_size}. {problem.detail}"))
        resume = await resumes.create(db, owner_id=owner_id, title=title, language=language)
    await writing.write(db, resume, imported.snapshot)
    return resume, warnings


async def _restore(
    db: AsyncSession, owner_id: UUID, data: ImportCommand, imported: Imported
) -> tuple[Resume, list[Warning]]:
    """An archive of ours, with its versions. What is said beside it wins over what it says."""
    archive = imported.archive
    assert archive is not None  # noqa: S101 (asked before)
    if data.language:
        archive = msgspec.structs.replace(
            archive, resume=msgspec.structs.replace(archive.resume, language=data.language)
        )
    return await archives.write(db, owner_id=owner_id, archive=archive, title=data.title)


def preview(data: ImportCommand, imported: Imported) -> ImportPreview:
    """What `create` would make."""
    return ImportPreview(
        format=imported.format,
        title=data.title or _title(imported),
        language=data.language or imported.language or LANGUAGE,
        page_size=imported.page_size,
        content=msgspec.Raw(imported.snapshot.content()),
        layout=msgspec.json.decode(imported.snapshot.layout(), type=Layout),
        warnings=imported.warnings,
        placed=imported.placed,
    )


def _title(imported: Imported) -> str:
    """The name that stands in the document, else what it says the person is, on one line."""
    if imported.archive is not None:
        return imported.archive.resume.title
    basics = imported.snapshot.basics
    return title_of({} if basics is None else {"basics": codec.decode(basics)})


def title_of(document: dict[str, Any]) -> str:
    basics = document.get("basics")
    for field in ("name", "label"):
        text = basics.get(field) if isinstance(basics, dict) else None
        if isinstance(text, str) and (title := _one_line(text)):
            return title
    return UNTITLED


def _one_line(text: str) -> str:
    printable = "".join(c if c >= " " and c != "\x7f" else " " for c in text[: 4 * _LONGEST_TITLE])
    return " ".join(printable.split())[:_LONGEST_TITLE].strip()
