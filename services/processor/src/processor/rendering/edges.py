"""Text that runs over the edge of its page, and pages that it leaves nearly empty, seen from outside: in the finished PDF.

That takes some milliseconds, so only documents with unusually long texts are looked at.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pypdfium2

_SLACK = 1.0
"""Points that a letter may lean over an edge."""
_UNPRINTABLE = 17.0
"""Points above the edge of the paper where no printer prints: what stands there ran over it, whatever the template."""
# A word that may be too wide for a page, and what is before it: looked for from everywhere, it takes three times as long. Inside
# JSON a text begins and ends at its quotes.
_LONG_WORD = re.compile(r'[\s"\\][^\s"\\]{48}')
_MOST_LETTERS, _SIZE = 700, 10
"""So many letters of a size in points stand on less than a page, however narrow their column (`kit/2/pages.typ`)."""
_NUMBER = re.compile(r"\d+|/")
Box = tuple[float, float, float, float]


class _Outline(msgspec.Struct, frozen=True):
    """What of an outline is needed here."""

    name: str = ""
    longest: int = 0


def may_overflow(outline: str, size: float = _SIZE) -> bool:
    """Whether a document, set in letters of `size`, is worth looking at: without long words nothing is too wide, and without
    much that stays together nothing too tall."""
    if _LONG_WORD.search(outline):
        return True
    return msgspec.json.decode(outline, type=_Outline).longest > _MOST_LETTERS * (_SIZE / size) ** 2


def beyond_edges(
    pdf: bytes, outline: str = "{}", told: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """What runs over an edge of a page or over its foot, and how much of each page but the last is filled: as templates tell it
    (`preflight`). Between which heights text stands is `told` by the template, if it is of kit 2."""
    name = msgspec.json.decode(outline, type=_Outline).name
    room = next((fact for fact in told if fact.get("kind") == "pages"), None)
    found: list[dict[str, Any]] = []
    with pypdfium2.PdfDocument(pdf) as opened:
        for number, page in enumerate(opened, start=1):
            words, height = page.get_textpage(), page.get_height()
            boxes = [words.get_rect(index) for index in range(words.count_rects())]
            top, foot = (height - room["top"], height - room["bottom"]) if room else (height, _UNPRINTABLE)
            for text in _beyond_sides(words, boxes, page.get_width()):
                found.append({"kind": "overflow", "page": number, "text": text})
            if lost := _over_the_foot(words, boxes, foot, name):
                found.append({"kind": "overflow", "page": number, "text": lost, "edge": "bottom"})
            if number < len(opened):
                found.append({"kind": "filled", "page": number, "part": _filled(boxes, top, foot)})
    return found


def _beyond_sides(words: pypdfium2.PdfTextPage, boxes: Sequence[Box], width: float) -> list[str]:
    outside = (box for box in boxes if box[0] < -_SLACK or box[2] > width + _SLACK)
    return [words.get_text_bounded(*box).strip() for box in outside]


def _over_the_foot(words: pypdfium2.PdfTextPage, boxes: Sequence[Box], foot: float, name: str) -> str:
    """The first text that stands where the foot of the page does, or below the paper; empty if there is none."""
    # Letters of the last line may reach below it, but not by half.
    below = (words.get_text_bounded(*box).strip() for box in boxes if (box[1] + box[3]) / 2 < foot)
    return next((text for text in below if not _is_of_the_foot(text, name)), "")


def _is_of_the_foot(text: str, name: str) -> bool:
    """Whether it is whose document it is, or the number of a page."""
    return all(
        _NUMBER.fullmatch(word) or word.rstrip("\N{HORIZONTAL ELLIPSIS}") in name for word in text.split()
    )


def _filled(boxes: Sequence[Box], top: float, foot: float) -> float:
    """How much of the height for text is, from 0 to 1; heads and feet of pages do not count."""
    lowest = min((box[1] for box in boxes if box[1] < top and box[3] > foot), default=top)
    return (top - max(lowest, foot)) / (top - foot)
