"""Documents without a job: JSON Resume in, a file out, for programs. Nothing is stored."""

from uuid import UUID

import msgspec

from common.contracts.documents import RenderWarning
from common.file_formats import FORMATS, FileFormat
from common.ids import now
from common.pdf_standards import check_standard
from processor.documents.making import make
from processor.documents.overlong import Overlong, key_of
from processor.documents.photos import NONE, Photos
from processor.documents.requests import document_of, refusals, template_of
from processor.documents.schemas import DocumentCreate
from processor.rendering import Renderer
from processor.rendering.turns import FairTurns
from processor.uploads.shelf import Shelf

_AT_ONCE, _EACH, _MOST = 2, 8, 64


class File(msgspec.Struct, frozen=True):
    """A finished file. `page_count` is None for formats without pages."""

    data: bytes
    format: FileFormat
    page_count: int | None
    warnings: list[RenderWarning]


class Files:
    """Makes files, for users in turn; who sits in front of an editor comes first."""

    def __init__(self, renderer: Renderer, shelf: Shelf, photos: Photos) -> None:
        self._renderer, self._shelf, self._photos = renderer, shelf, photos
        self._turns, self._overlong = FairTurns(slots=_AT_ONCE, each=_EACH, most=_MOST), Overlong()

    async def make(self, wanted: DocumentCreate, user_id: UUID) -> File:
        """Raises NotRenderable, UnsupportedStandard, Unavailable, TakesTooLong or TooManyWaiting."""
        template, kind = await template_of(self._shelf, wanted.look, user_id), FORMATS[wanted.format]
        check_standard(wanted.standard, format=wanted.format, engine=template.engine, template_id=template.id)
        made_on = now().date() if wanted.standard == "a-2" else None
        key = key_of(msgspec.structs.replace(wanted, template_version=None), template, user_id)
        with refusals(), self._overlong.watched(key):
            async with self._turns.turn(str(user_id)):
                self._overlong.check(key)  # others may have found out while it waited
                found = await self._photos.of_user(wanted.content, user_id) if kind.has_photo else NONE
                made = await make(
                    self._renderer,
                    wanted.format,
                    template,
                    document_of(wanted, photo=found.photo, made_on=made_on),
                    wanted.options,
                    standard=wanted.standard,
                    user=str(user_id),
                )
        return File(made.data, kind, made.pages, [*found.warnings, *made.warnings])
