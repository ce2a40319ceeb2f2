"""At every start each template goes to the object storage and to the api's catalogue; twice is the same as once."""

import mimetypes
from collections.abc import Iterable

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from common.blobs import BlobMissing, Blobs
from common.db import Database
from common.outbox import OutboxRow, call
from processor.catalogue.entries import entry
from processor.rendering import Template, TypstEngine

BUCKET = "resume-static"


async def announce(database: Database, templates: Iterable[Template]) -> None:
    """Tell the api, through the outbox: when it is down it learns of them later."""
    async with database.write() as db:
        for template in templates:
            await _announce(db, template)


async def _announce(db: AsyncSession, template: Template) -> None:
    path = f"/internal/templates/{template.id}"
    if template.version == 1:  # versions come in order; what an earlier start could not send is out of date
        await db.execute(delete(OutboxRow).where(OutboxRow.subject == f"PUT {path}"))
    call(db, "api", "PUT", path, entry(template))


async def store(blobs: Blobs, template: Template) -> None:
    """Copy a template's folder to the storage."""
    for path in sorted(template.folder.iterdir()):
        kind = mimetypes.guess_type(path.name)[0] or "text/plain; charset=utf-8"
        await blobs.put(BUCKET, _key(template, path.name), path.read_bytes(), content_type=kind)


async def store_preview(blobs: Blobs, engine: TypstEngine, template: Template) -> None:
    """Put a picture of the template's first page beside its sources, if there is none: it does not change either."""
    key = _key(template, "preview.png")
    try:
        await blobs.get(BUCKET, key)
    except BlobMissing:
        picture = await engine.preview(template)
        await blobs.put(BUCKET, key, picture, content_type="image/png")


def _key(template: Template, name: str) -> str:
    return f"templates/{template.id}/{template.version}/{name}"
