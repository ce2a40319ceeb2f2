"""What a template is given: the document brought into its shape, its traits, and the options, as JSON."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from processor.outlines.cards import Card, read_card
from processor.outlines.labels import labels_in
from processor.outlines.letter import Letter, read_letter
from processor.outlines.outline import Outline, Picture
from processor.outlines.resume import WRITERS_ORDER, read_resume
from processor.rendering.documents import LETTER, Document, Photo
from processor.rendering.manifest import Template

_PNG = b"\x89PNG"
_STEP = 100
"""Letters. How long what stays together is need not be known better than that, and so is the same after most edits."""


def for_pages(template: Template, document: Document, options: Mapping[str, Any]) -> dict[str, str]:
    """The inputs of a template; one that is for letters alone gets a letter, whatever the document is."""
    language, title = document.language, document.title
    if template.kind_for(document) == LETTER:
        letter = read_letter(document.content, language=language, title=title)
        return _inputs(_completed(letter, document, options), options)
    outline = read_resume(
        document.content,
        language=language,
        title=title,
        date_style=options.get("dates", "short"),
        order=options.get("order") or (WRITERS_ORDER if document.sections else template.sections),
        hidden=options.get("hidden", ()),
        styles=document.sections,
    )
    return _inputs(_completed(outline, document, options), options)


def for_card(document: Document, options: Mapping[str, Any]) -> dict[str, str]:
    """The inputs of the card: the looks of the template as far as a card has them."""
    card = read_card(document.content, language=document.language, title=document.title)
    return _inputs(card, options)


def photo_path(photo: Photo) -> str:
    """Where a template finds the photo, seen from the root of what the engine can read."""
    ending = "png" if photo.data.startswith(_PNG) else "jpg"
    return f"/photo/{hashlib.sha256(photo.data).hexdigest()}.{ending}"


def _completed(outline: Outline | Letter, document: Document, options: Mapping[str, Any]) -> Outline | Letter:
    """With what is not in the content: the photo, the day it was made on, and the direction where that is an option."""
    direction = options.get("direction", "auto")
    return msgspec.structs.replace(
        outline,
        rtl=outline.rtl if direction == "auto" else direction == "rtl",
        photo=_picture(document.photo, outline) if document.photo else None,
        made_on=document.made_on.isoformat() if document.made_on else "",
    )


def _picture(photo: Photo, outline: Outline | Letter) -> Picture:
    label = labels_in(outline.language)["photo"]
    alt = f"{label}: {outline.name}" if outline.name else label
    return Picture(photo_path(photo), photo.width, photo.height, alt)


def _inputs(outline: Outline | Letter | Card, options: Mapping[str, Any]) -> dict[str, str]:
    given = {"outline": outline, "traits": _traits(outline), "options": options}
    return {name: msgspec.json.encode(value).decode() for name, value in given.items()}


def _traits(outline: Outline | Letter | Card) -> dict[str, Any]:
    """What the looks of a document depend on besides its options. By itself, because it stays the same when a word is changed,
    and so does all that is built on it alone."""
    longest = 0 if isinstance(outline, Card) else outline.longest
    return {
        "language": outline.language,
        "rtl": outline.rtl,
        "comma": outline.comma,
        "has_name": bool(outline.name),
        "longest": -(-longest // _STEP) * _STEP,
    }
