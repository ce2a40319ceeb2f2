"""What Chromium's PDFs need before they leave: the same bytes for the same input, and text that is copied as it was written."""

import re
from functools import cache

from processor.rendering.html.fonttables import FontTable
from processor.rendering.html.objects import Objects
from processor.rendering.html.runs import put_together

# When and by which browser it was made says nothing of the document.
_NOT_OF_THE_DOCUMENT = re.compile(rb"/(?:CreationDate|ModDate|Creator) \((?:[^()\\]|\\.)*\)\s*")
_CONTENTS = re.compile(rb"/Type /Page\b.*?/Contents (\d+) 0 R", re.DOTALL)
_COUNT = re.compile(rb"/Type /Pages\s*/Count (\d+)")


def page_count(pdf: bytes) -> int:
    """How many pages a PDF of Chromium has, without reading all of it."""
    return max((int(count) for count in _COUNT.findall(pdf)), default=1)


def finish(pdf: bytes) -> bytes:
    """The PDF of Chromium, the same for the same page. Raises ValueError for a file that is not as Chromium's are."""
    objects = Objects.read(pdf)
    info = objects.trailer_reference(b"Info")
    objects[info] = _NOT_OF_THE_DOCUMENT.sub(b"", objects[info])
    font = cache(lambda number: FontTable.read(objects, number))
    for number in list(objects):
        if found := _CONTENTS.search(objects[number]):
            stream = int(found[1])
            objects.set_stream(stream, put_together(objects.stream(stream), font))
    return objects.write()
