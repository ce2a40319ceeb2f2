"""The pictures of templates' pages: small, few and never changed, so this process keeps those that are looked at."""

from collections import OrderedDict

from common.blobs import BlobMissing, Blobs, BlobsUnavailable, BlobTooLarge
from common.problems import NotFound, Unavailable

BUCKET = "resume-static"
MOST_BYTES = 4 << 20
_KEPT = 32 << 20


class PreviewNotFound(NotFound):
    title = "Preview not found"


class Previews:
    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._near: OrderedDict[str, bytes] = OrderedDict()

    async def get(self, key: str) -> bytes:
        """The picture. Raises PreviewNotFound, Unavailable."""
        if key in self._near:
            self._near.move_to_end(key)
            return self._near[key]
        try:
            picture = await self._blobs.get(BUCKET, key, most=MOST_BYTES)
        except (BlobMissing, BlobTooLarge) as error:
            raise PreviewNotFound from error
        except BlobsUnavailable as error:
            raise Unavailable("The picture cannot be read right now.") from error
        self._near[key] = picture
        while sum(map(len, self._near.values())) > _KEPT:
            self._near.popitem(last=False)
        return picture
