"""What was not rendered in time, for whoever asks for the same again: it would end another worker, and come to nothing."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec

from common.problems import Problem
from processor.documents.schemas import DocumentContent
from processor.rendering import RenderTimedOut, Template

MOST = 2000
REMEMBERED_FOR = 60.0
"""Seconds. It may have been the machine that had much else to do."""


class TakesTooLong(Problem):
    status, code, title = 422, "TAKES_TOO_LONG", "This takes longer than a document may"

    def __init__(self) -> None:
        super().__init__("It was not done in time just now. Make it shorter, or try again in a minute.")


class Overlong:
    """Remembers for so many `seconds` what took too long, at most `most` of it."""

    def __init__(self, *, seconds: float = REMEMBERED_FOR, most: int = MOST) -> None:
        self._seconds, self._most = seconds, most
        self._since: OrderedDict[bytes, float] = OrderedDict()

    def check(self, key: bytes) -> None:
        """Raises TakesTooLong."""
        since = self._since.get(key)
        if since is not None and time.monotonic() - since < self._seconds:
            raise TakesTooLong

    @contextmanager
    def watched(self, key: bytes) -> Iterator[None]:
        """Remember it if it is not rendered in time. Raises TakesTooLong before it begins."""
        self.check(key)
        try:
            yield
        except RenderTimedOut:
            self._since[key] = time.monotonic()
            self._since.move_to_end(key)
            if len(self._since) > self._most:
                self._since.popitem(last=False)
            raise


def key_of(wanted: DocumentContent, template: Template, user_id: UUID) -> bytes:
    """The same for the same document in the same looks. An upload shows itself to its owner alone, hence the user."""
    made_of = [template.id, template.version, wanted]
    return hashlib.sha256(user_id.bytes + msgspec.json.encode(made_of)).digest()
