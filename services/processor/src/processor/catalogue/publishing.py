"""At every start each template goes to the object storage and to the api's catalogue; twice is the same as once.

The api learns of the templates at once, so that a storage that is away holds nothing up, and again, with the pictures of
their pages, when those are stored: it never names a picture that is not there (RELIABILITY 9).
"""

import asyncio
import mimetypes
from collections.abc import Mapping, Sequence

from sqlalchemy import delete

from common.blobs import Blobs
from common.contracts.templates import CatalogueEntry, CataloguePut
from common.db import Database
from common.outbox import OutboxRow, call
from processor.catalogue.entries import entry
from processor.rendering import Renderer, Template

BUCKET = "resume-static"
_PATH = "/internal/templates"


class Publisher:
    """Publishes the `templates` that ship with the service, by id and version."""

    def __init__(
        self,
        *,
        database: Database,
        blobs: Blobs,
        renderer: Renderer,
        templates: Mapping[tuple[str, int], Template],
    ) -> None:
        self._database, self._blobs = database, blobs
        self._renderer, self._templates = renderer, templates
        self._announced = asyncio.Event()

    async def announce(self) -> None:
        """Tell the api of all at once, through the outbox: when it is down it learns of them later."""
        await self._tell({})
        self._announced.set()

    async def store(self) -> None:
        """Store sources and pictures, and tell the api of the pictures. Raises BlobsUnavailable."""
        await self._blobs.ensure_bucket(BUCKET)
        previews = {}
        for name, template in self._templates.items():
            await store(self._blobs, template)
            previews[name] = await store_previews(self._blobs, self._renderer, template)
        self._renderer.rest()
        await self._announced.wait()  # so that what knows of no pictures is not told last
        await self._tell(previews)

    async def _tell(self, previews: Mapping[tuple[str, int], Sequence[str]]) -> None:
        """`previews` are the keys of the pictures that are stored."""
        known = [
            CatalogueEntry(
                id=template.id,
                template=entry(
                    template, previews.get(name, ()), is_available=self._renderer.can_render(template)
                ),
            )
            for name, template in self._templates.items()
        ]
        async with self._database.write() as db:
            # What an earlier start could not send is out of date.
            await db.execute(delete(OutboxRow).where(OutboxRow.subject == f"PUT {_PATH}"))
            call(db, "api", "PUT", _PATH, CataloguePut(templates=known))


async def store(blobs: Blobs, template: Template, *, mark: str = "") -> None:
    """Copy a template's folder to the storage. A `mark` tells from one another what had this id and version in turn."""
    for path in sorted(path for path in template.folder.rglob("*") if path.is_file()):
        kind = mimetypes.guess_type(path.name)[0] or "text/plain; charset=utf-8"
        key = _key(template, mark, path.relative_to(template.folder).as_posix())
        await blobs.put(BUCKET, key, path.read_bytes(), content_type=kind)


async def store_previews(
    blobs: Blobs, renderer: Renderer, template: Template, *, mark: str = ""
) -> list[str]:
    """The keys of pictures of the template's pages, which lie beside its sources and change as little as those do.

    The first page is stored last: where it is, all are. There are none of a template that cannot be rendered here.
    """
    first, prefix = _key(template, mark, "page-1.png"), _key(template, mark, "page-")
    found = {blob.key for blob in await blobs.find(BUCKET, prefix)}
    if first not in found and renderer.can_render(template):
        pictures = await renderer.previews(template)
        found = {_key(template, mark, f"page-{number}.png") for number in range(1, len(pictures) + 1)}
        for number, picture in reversed(list(enumerate(pictures, start=1))):
            key = _key(template, mark, f"page-{number}.png")
            await blobs.put(BUCKET, key, picture, content_type="image/png")
    return sorted(found, key=lambda key: (len(key), key))


def _key(template: Template, mark: str, name: str) -> str:
    return "/".join(part for part in ("templates", template.id, str(template.version), mark, name) if part)
