"""Text that runs over the edge of its page, seen from outside: in the finished PDF."""

import re
from typing import Any

import pypdfium2

_SLACK = 1.0
"""Points that a letter may lean over an edge."""
# A word that may be too wide for a page. Inside JSON a text ends at its quotes.
_LONG_WORD = re.compile(r'[^\s"\\]{48,}')


def may_overflow(outline: str) -> bool:
    """Whether a document is worth looking at, which takes some milliseconds: without long words nothing is too wide."""
    return _LONG_WORD.search(outline) is not None


def beyond_edges(pdf: bytes) -> list[dict[str, Any]]:
    """What runs over the left or right edge of a page, as templates tell it (`preflight`)."""
    found = []
    with pypdfium2.PdfDocument(pdf) as opened:
        for number, page in enumerate(opened, start=1):
            words, width = page.get_textpage(), page.get_width()
            boxes = (words.get_rect(index) for index in range(words.count_rects()))
            outside = [box for box in boxes if box[0] < -_SLACK or box[2] > width + _SLACK]
            texts = (words.get_text_bounded(*box).strip() for box in outside)
            found += [{"kind": "overflow", "page": number, "text": text} for text in texts]
    return found
