"""Rendered documents as answers over HTTP."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from urllib.parse import quote

from litestar.datastructures import ResponseHeader

from common.contracts.documents import RenderWarning
from processor.documents.comparisons import ComparedPage
from processor.documents.schemas import ComparisonPage, ComparisonRead, PreviewPage, PreviewRead
from processor.rendering import Rendered

PAGE_COUNT, WARNINGS = "X-Page-Count", "X-Render-Warnings"
_PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
HEADERS = [
    ResponseHeader(name=PAGE_COUNT, description="How many pages the document has", documentation_only=True),
    ResponseHeader(
        name=WARNINGS,
        description="What the owner may want to change, as a list of RFC 9651: codes, each with its page where it is about "
        "one, such as `missing_glyphs, text_overflows;page=2`. Previews in JSON tell more.",
        documentation_only=True,
    ),
]
FILE_HEADERS = [
    *HEADERS,
    ResponseHeader(
        name="Content-Disposition",
        description="A name for the file, after the person's (RFC 6266)",
        documentation_only=True,
    ),
]
_LONGEST_NAME = 120
_MOST_LISTED = 50


def headers_of(page_count: int | None, warnings: Sequence[RenderWarning]) -> dict[str, str]:
    """How many pages the document has, if it has any, and the warnings without their words, which may be the document's."""
    items = [f"{w.code};page={w.page}" if w.page else w.code for w in warnings[:_MOST_LISTED]]
    pages = {} if page_count is None else {PAGE_COUNT: str(page_count)}
    return pages | ({WARNINGS: ", ".join(dict.fromkeys(items))} if items else {})


def media_type(format: str) -> str:
    return _PICTURES.get(format, "application/pdf")


def pages_read(
    rendered: Rendered, format: str, *, pages: Collection[int] | None, known: Collection[str]
) -> PreviewRead:
    """The pages as JSON: an SVG as it is, a PNG in base64, and nothing for those that the caller knows by their hash."""
    shown = [
        _page(number, file, format, known)
        for number, file in enumerate(rendered.files, 1)
        if pages is None or number in pages
    ]
    return PreviewRead(pages=shown, page_count=rendered.page_count, warnings=rendered.warnings)


def _page(number: int, file: bytes, format: str, known: Collection[str]) -> PreviewPage:
    digest = hashlib.sha256(file).hexdigest()[:32]
    data = None
    if digest not in known:
        data = file.decode() if format == "svg" else base64.b64encode(file).decode()
    return PreviewPage(number=number, media_type=media_type(format), hash=digest, data=data)


def comparison_read(pages: Sequence[ComparedPage]) -> ComparisonRead:
    """The pages as JSON, pictures in base64."""
    shown = [
        ComparisonPage(
            number=number,
            difference=page.difference,
            before=_base64(page.before),
            after=_base64(page.after),
            marked=_base64(page.marked),
        )
        for number, page in enumerate(pages, 1)
    ]
    return ComparisonRead(difference=max((page.difference for page in pages), default=0.0), pages=shown)


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def attachment(name: str, ending: str) -> dict[str, str]:
    """`Content-Disposition` (RFC 6266) for a file that is called as its document is."""
    name = (
        re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|]+", " ", re.sub(r"\.{2,}", ".", name))
        .strip(" .")[:_LONGEST_NAME]
        .strip()
    )
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-.") or "document"
    full = quote(f"{name or 'document'}.{ending}", safe="")
    return {"Content-Disposition": f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{full}"}
