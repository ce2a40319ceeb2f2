"""Two looks of a document beside each other, page by page: what a newer version of a template would change.

A pixel counts as changed when a channel of it differs by more than the smooth edges of letters do by themselves.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import zip_longest
from uuid import UUID

import msgspec
from PIL import Image, ImageChops

from processor.documents.overlong import Overlong, key_of
from processor.documents.photos import Photos
from processor.documents.requests import document_of, refusals, template_of
from processor.documents.schemas import ComparisonCreate, Look
from processor.rendering import Rendered, Renderer, Wanted
from processor.rendering.turns import FairTurns
from processor.uploads.shelf import Shelf

THRESHOLD = 24
"""Of 255."""
_PPI = 72
_AT_ONCE, _EACH, _MOST = 1, 2, 32
_MARK = (220, 30, 30)
_FADED = 0.75


class ComparedPage(msgspec.Struct, frozen=True):
    """A page in both looks as PNG; `before` or `after` is None where one has fewer pages. `difference` is the share of its
    pixels that changed, from 0 to 1; `marked` is the later one, pale, with what changed in red."""

    difference: float
    before: bytes | None
    after: bytes | None
    marked: bytes | None


class Comparisons:
    """Compares, for users in turn."""

    def __init__(self, renderer: Renderer, shelf: Shelf, photos: Photos) -> None:
        self._renderer, self._shelf, self._photos = renderer, shelf, photos
        self._turns, self._overlong = FairTurns(slots=_AT_ONCE, each=_EACH, most=_MOST), Overlong()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="comparison")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def compare(self, wanted: ComparisonCreate, user_id: UUID) -> list[ComparedPage]:
        """Raises NotRenderable, Unavailable, TakesTooLong or TooManyWaiting."""
        with refusals():
            async with self._turns.turn(str(user_id)):
                before = await self._pages(wanted, wanted.before, user_id)
                after = await self._pages(wanted, wanted.after, user_id)
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._threads, compared, before.files, after.files)

    async def _pages(self, wanted: ComparisonCreate, look: Look, user_id: UUID) -> Rendered:
        template = await template_of(self._shelf, look, user_id)
        found = await self._photos.of_user(wanted.content, user_id)
        document = document_of(wanted, photo=found.photo)
        task = Wanted(template, document, look.options, "png", ppi=_PPI)
        key = key_of(msgspec.structs.replace(wanted, before=look, after=look), template, user_id)
        with self._overlong.watched(key):
            return await self._renderer.render(task, priority="interactive", user=str(user_id))


def compared(before: list[bytes], after: list[bytes]) -> list[ComparedPage]:
    """The pages of two renderings, PNG by PNG. Blocks."""
    return [_compared(one, other) for one, other in zip_longest(before, after)]


def _compared(before: bytes | None, after: bytes | None) -> ComparedPage:
    if before is None or after is None:
        return ComparedPage(1.0, before, after, None)
    if before == after:
        return ComparedPage(0.0, before, after, None)
    one, other = (Image.open(BytesIO(page)).convert("RGB") for page in (before, after))
    size = (max(one.width, other.width), max(one.height, other.height))
    one, other = _on_paper(one, size), _on_paper(other, size)
    channels = ImageChops.difference(one, other).split()
    most = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    changed = most.point([0 if value <= THRESHOLD else 255 for value in range(256)])
    share = changed.histogram()[255] / (size[0] * size[1])
    pale = Image.blend(other, Image.new("RGB", size, "white"), _FADED)
    pale.paste(_MARK, mask=changed)
    marked = BytesIO()
    pale.save(marked, "PNG")
    return ComparedPage(round(share, 6), before, after, marked.getvalue())


def _on_paper(page: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The page on one of that size, at its upper left."""
    if page.size == size:
        return page
    paper = Image.new("RGB", size, "white")
    paper.paste(page)
    return paper
