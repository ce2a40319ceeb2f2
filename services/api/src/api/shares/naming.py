"""What a document is called before others: never by the title that its owner gave it for themselves."""

import hashlib

import msgspec

from api.contents import codec
from api.contents.snapshots import Snapshot
from api.shares.reading.fields import Writing
from api.shares.reading.outline import Head, head_of

NEUTRAL = {"resume": "Resume", "cover-letter": "Cover letter"}
"""By its kind, what a document is called that says nothing of its writer."""


class Naming(msgspec.Struct, frozen=True, kw_only=True):
    """`heading` is what the page is called, and its file: after its writer, what they are, or its kind. `title` is what
    its files are called in themselves, which have a place for what the writer is. `card` names its picture."""

    heading: str
    title: str
    card: str


def name_of(head: Head, kind: str, writing: Writing, *, look: str) -> Naming:
    neutral = writing.translate(NEUTRAL.get(kind, NEUTRAL["resume"]))
    title = head.name or neutral
    drawn = msgspec.json.encode([head.name, head.headline, title, writing.language, look])
    return Naming(
        heading=head.name or head.headline or neutral,
        title=title,
        card=hashlib.sha256(drawn).hexdigest()[:32],
    )


def naming(snapshot: Snapshot, kind: str, writing: Writing, *, look: str) -> Naming:
    """What `snapshot` is called. Only its head is read."""
    basics = codec.decode(snapshot.basics) if snapshot.basics else None
    return name_of(head_of(basics, None, writing), kind, writing, look=look)
