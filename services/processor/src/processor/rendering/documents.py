"""What is rendered, whatever it is rendered with."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from common.contracts.versions import SectionStyle

RESUME, LETTER = "resume", "cover-letter"
"""The kinds of documents."""


class Photo(msgspec.Struct, frozen=True):
    """The picture of a person: the bytes of a JPEG or PNG that this service has encoded itself, its size in pixels."""

    data: bytes
    width: int
    height: int


class Document(msgspec.Struct, frozen=True):
    """A JSON Resume or a letter in a language (BCP 47), its title, and how its sections are set.

    `sections` come in the order that the writer gave them; without them the template's order counts. `made_on` is the day
    that the file says it was made on, where a standard asks for one: part of the input, so that the same gives the same.
    """

    content: dict[str, Any]
    language: str
    title: str
    sections: Sequence[SectionStyle] = ()
    kind: str = RESUME
    photo: Photo | None = None
    made_on: date | None = None
