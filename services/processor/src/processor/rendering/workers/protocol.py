"""What the service and its workers say to each other: MessagePack in frames, each after its length (4 bytes, big-endian).

A worker says `Ready`, then answers each task with `Done` or `Failed`, one after the other. Contents travel as JSON inside,
because that is what they are: numbers of any size and depth as far as a request may have them.
"""

import re
import struct
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from common.contracts.documents import RenderWarning
from common.contracts.versions import SectionStyle
from processor.rendering.documents import Document, Photo
from processor.rendering.manifest import Template

LENGTH = struct.Struct(">I")
LARGEST_TASK, LARGEST_REPLY = 32 << 20, 128 << 20
"""In bytes. A longer frame is never read."""

Format = Literal["pdf", "svg", "png"]
Standard = Literal["ua-1", "a-2a", "a-2b", "a-2u"]
_SURROGATE = re.compile("[\ud800-\udfff]")


class FrameTooLarge(ValueError):
    """A frame is longer than its reader accepts."""


class Sheet(msgspec.Struct, frozen=True):
    """A `Document` on its way, `content` as JSON."""

    content: bytes
    language: str
    title: str
    sections: list[SectionStyle]
    kind: str
    photo: Photo | None
    made_on: date | None

    @classmethod
    def of(cls, document: Document) -> "Sheet":
        """Raises ValueError for what no JSON can hold."""
        try:
            content = msgspec.json.encode(document.content)
        except UnicodeEncodeError:
            content = msgspec.json.encode(_without_surrogates(document.content))
        except (RecursionError, TypeError, OverflowError) as error:
            raise ValueError(type(error).__name__) from None
        return cls(
            content,
            _SURROGATE.sub("", document.language),
            _SURROGATE.sub("", document.title),
            list(document.sections),
            document.kind,
            document.photo,
            document.made_on,
        )

    def document(self) -> Document:
        content: dict[str, Any] = msgspec.json.decode(self.content)
        return Document(
            content, self.language, self.title, self.sections, self.kind, self.photo, self.made_on
        )


class Pages(msgspec.Struct, frozen=True, tag=True):
    """Lay a document out. `options` are resolved; of pictures `pages` are those wanted (from 1), None means all.

    `standards` are parts of PDF/UA and PDF/A; `ppi` is the resolution of a PNG. If it `explains`, an error quotes the engine,
    which may quote the document.
    """

    template: Template
    sheet: Sheet
    options: Mapping[str, Any]
    format: Format
    standards: tuple[Standard, ...] = ()
    ppi: float = 96
    pages: tuple[int, ...] | None = None
    explains: bool = False


class Card(msgspec.Struct, frozen=True, tag=True):
    """Draw the picture of a shared resume, in the looks of the template."""

    template: Template
    sheet: Sheet
    options: Mapping[str, Any]


class Words(msgspec.Struct, frozen=True, tag=True):
    """Write a document in a format that is not of pages (`processor.formats.WRITTEN`)."""

    template: Template
    sheet: Sheet
    options: Mapping[str, Any]
    format: str


class Draft(msgspec.Struct, frozen=True, tag=True):
    """Write the page that a browser is to print, larger or smaller by `scale` than the options say."""

    pages: Pages
    scale: float


class Printed(msgspec.Struct, frozen=True, tag=True):
    """Make the wanted files of what a browser has printed."""

    pages: Pages
    pdf: bytes


Task = Pages | Card | Words | Draft | Printed


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The worker has loaded what it needs."""


class Done(msgspec.Struct, frozen=True, tag=True):
    """One file for a PDF, one for each page that was wanted as a picture."""

    files: list[bytes]
    page_count: int = 1
    warnings: list[RenderWarning] = []


class Failed(msgspec.Struct, frozen=True, tag=True):
    """It cannot be done; `reason` names places in templates and code, never what is in the document."""

    reason: str


Reply = Ready | Done | Failed


def _encode_hook(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} does not go over the wire")


def _decode_hook(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(f"{kind.__name__} does not come over the wire")


_encode = msgspec.msgpack.Encoder(enc_hook=_encode_hook).encode
_tasks: msgspec.msgpack.Decoder[Task] = msgspec.msgpack.Decoder(Task, dec_hook=_decode_hook)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def frame_of(message: Task | Reply, *, largest: int) -> bytes:
    """The message with its length before it. Raises FrameTooLarge."""
    body = _encode(message)
    if len(body) > largest:
        raise FrameTooLarge(f"{len(body)} bytes")
    return LENGTH.pack(len(body)) + body


def read_task(read: Callable[[int], bytes]) -> Task:
    """The next task; `read` gives exactly so many bytes or raises EOFError."""
    return _tasks.decode(read(length_of(read(LENGTH.size), largest=LARGEST_TASK)))


def read_reply(body: bytes) -> Reply:
    """The reply in a frame. Raises msgspec.ValidationError or DecodeError."""
    return _replies.decode(body)


def length_of(head: bytes, *, largest: int) -> int:
    """The length of the frame that begins so. Raises FrameTooLarge."""
    (length,) = LENGTH.unpack(head)
    if length > largest:
        raise FrameTooLarge(f"{length} bytes")
    return int(length)


def _without_surrogates(value: Any) -> Any:
    """The value without halves of characters, which no UTF-8 can hold."""
    if isinstance(value, str):
        return _SURROGATE.sub("", value)
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(inner) for inner in value]
    return value
