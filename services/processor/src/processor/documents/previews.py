"""Previews: the pages of a document while somebody writes it, at once and without a job."""

from uuid import UUID

import msgspec

from processor.documents.overlong import Overlong, key_of
from processor.documents.photos import Photos
from processor.documents.recent import Recent
from processor.documents.requests import document_of, refusal, refusals, template_of
from processor.documents.schemas import PreviewCreate
from processor.documents.sessions import Sessions
from processor.rendering import Rendered, Renderer, Template, Wanted
from processor.rendering.turns import FairTurns
from processor.uploads.shelf import Shelf

_AT_ONCE, _EACH, _MOST = 2, 5, 64
_KEPT_BYTES = 32 << 20
_PPI = 96.0
"""Pixels an inch of a picture at its own size."""


class Previews:
    """Renders previews: those of one session one after the other with only the newest of any use, and users in turn."""

    def __init__(self, renderer: Renderer, shelf: Shelf, photos: Photos) -> None:
        self._renderer, self._shelf, self._photos = renderer, shelf, photos
        self._turns = FairTurns(slots=_AT_ONCE, each=_EACH, most=_MOST)
        self._sessions, self._recent, self._overlong = Sessions(), Recent(keep=_KEPT_BYTES), Overlong()

    async def render(self, wanted: PreviewCreate, user_id: UUID) -> Rendered:
        """All pages as pictures, or the PDF. Raises NotRenderable, Unavailable, TakesTooLong, TooManyWaiting or Superseded."""
        template = await template_of(self._shelf, wanted.look, user_id)
        key, user = _key(wanted, template, user_id), str(user_id)
        made = self._recent.get(key)
        if made is None:
            work = self._render(wanted, template, user_id, key)
            made = await (self._sessions.run(user, wanted.session, work) if wanted.session else work)
            self._recent.put(key, made)
        if max([wanted.page or 1, *(wanted.pages or ())]) > made.page_count:
            path = "$.page" if wanted.page else "$.pages"
            raise refusal(path, f"the document has {made.page_count} pages")
        return made

    async def _render(self, wanted: PreviewCreate, template: Template, user_id: UUID, key: bytes) -> Rendered:
        affinity = f"{user_id} {wanted.session}" if wanted.session else ""
        user = str(user_id)
        with refusals(), self._overlong.watched(key):
            async with self._turns.turn(user):
                self._overlong.check(key)  # others may have found out while it waited
                found = await self._photos.of_user(wanted.content, user_id)
                document = document_of(wanted, photo=found.photo)
                task = Wanted(template, document, wanted.options, wanted.format, ppi=_PPI * wanted.scale)
                made = await self._renderer.render(task, priority="interactive", affinity=affinity, user=user)
        return msgspec.structs.replace(made, warnings=[*found.warnings, *made.warnings])


def _key(wanted: PreviewCreate, template: Template, user_id: UUID) -> bytes:
    """Of what decides the pictures, not which of them is shown."""
    scale = wanted.scale if wanted.format == "png" else 1
    same = msgspec.structs.replace(
        wanted, template_version=None, scale=scale, page=None, pages=None, session="", known=[]
    )
    return key_of(same, template, user_id)
