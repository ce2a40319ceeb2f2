"""Resumes made from documents of other programs."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.contents import json_resume
from api.contents import service as contents
from api.imports.schemas import ImportCreate, ImportRead
from api.resumes import service as resumes
from common.problems import FieldError, Problem

FORMATS = ("json-resume",)
UNTITLED = "Untitled resume"
_LONGEST_TITLE = 200


class UnsupportedFormat(Problem):
    status, code, title = 422, "UNSUPPORTED_FORMAT", "This format is not supported"


async def create(db: AsyncSession, *, owner_id: UUID, data: ImportCreate) -> ImportRead:
    if data.format not in FORMATS:
        message = f"There are: {', '.join(FORMATS)}."
        raise UnsupportedFormat(message, errors=[FieldError("$.format", message)])
    resume = await resumes.create(
        db, owner_id=owner_id, title=data.title or title_of(data.document), language="en"
    )
    await contents.fill(db, resume, data.document)
    return ImportRead(resume=resumes.shape(resume), warnings=json_resume.warnings(data.document))


def title_of(document: dict[str, Any]) -> str:
    """The name that stands in the document, else what it says the person is, on one line."""
    basics = document.get("basics")
    for field in ("name", "label"):
        text = basics.get(field) if isinstance(basics, dict) else None
        if isinstance(text, str) and (title := _one_line(text)):
            return title
    return UNTITLED


def _one_line(text: str) -> str:
    printable = "".join(c if c >= " " and c != "\x7f" else " " for c in text[: 4 * _LONGEST_TITLE])
    return " ".join(printable.split())[:_LONGEST_TITLE].strip()
