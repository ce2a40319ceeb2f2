"""What Chromium's PDFs need before they leave: the same bytes for the same input, text that is copied as it was written, and
what is missing for everybody to read them."""

import re

from processor.rendering.html.accessible import make_accessible, mark_artifacts
from processor.rendering.html.fonttables import FontTable
from processor.rendering.html.objects import Objects, text_string
from processor.rendering.html.runs import put_together

# When and by which browser it was made says nothing of the document.
_NOT_OF_THE_DOCUMENT = re.compile(rb"/(?:CreationDate|ModDate|Creator) \((?:[^()\\]|\\.)*\)\s*")
_CONTENTS = re.compile(rb"/Type /Page\b.*?/Contents (\d+) 0 R", re.DOTALL)
_COUNT = re.compile(rb"/Type /Pages\s*/Count (\d+)")


def page_count(pdf: bytes) -> int:
    """How many pages a PDF of Chromium has, without reading all of it."""
    return max((int(count) for count in _COUNT.findall(pdf)), default=1)


def finish(pdf: bytes, *, author: str = "") -> tuple[bytes, bool]:
    """The PDF of Chromium, the same for the same page, and whether it follows PDF/UA-1. `author` is whose document it is.

    It does unless glyphs are shown that stand for no letters, or its structure is none that can be completed. Raises ValueError for a file that is not as Chromium's are.
    """
    objects, fonts = Objects.read(pdf), dict[int, FontTable]()

    def font(number: int) -> FontTable:
        if number not in fonts:
            fonts[number] = FontTable.read(objects, number)
        return fonts[number]

    info = objects.trailer_reference(b"Info")
    objects[info] = _NOT_OF_THE_DOCUMENT.sub(b"", objects[info])
    if author:
        objects[info] = objects[info].replace(b"<<", b"<</Author %b\n" % text_string(author), 1)
    for number in list(objects):
        if found := _CONTENTS.search(objects[number]):
            stream = int(found[1])
            objects.set_stream(stream, mark_artifacts(put_together(objects.stream(stream), font)))
    follows = not any(table.has_unread for table in fonts.values()) and make_accessible(
        objects, author=author
    )
    return objects.write(), follows
