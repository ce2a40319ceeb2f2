"""What is made of a printed page: the finished file, pictures of its pages, and what is to be said about it."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pypdfium2

from processor.rendering import preflight
from processor.rendering.errors import RenderFailed
from processor.rendering.html.finish import finish
from processor.rendering.html.looks import PAPER, looks_of
from processor.rendering.html.page import write_page
from processor.rendering.inputs import for_pages
from processor.rendering.workers.protocol import Done, Draft, Pages, Printed

_POINTS = 72
_SVG_PPI = 144
_FOOT = 17 / 25.4 * _POINTS
"""The height below the last line of a page, in points: `@page` of the kit."""
_HEAD = 15 / 25.4 * _POINTS
_SLACK = 1.0
_PHOTO_SIZE = 30
"""Millimetres, where a template has no option for it."""


def draft(task: Draft, folder: Path) -> Done:
    """The page that the browser is to print; `folder` is where the template can be read. Raises RenderFailed."""
    pages = task.pages
    template = msgspec.structs.replace(pages.template, folder=folder)
    html = write_page(
        template, pages.sheet.document(), pages.options, scale=task.scale, explains=pages.explains
    )
    return Done([html.encode()])


def proof(task: Printed) -> Done:
    """The files of a printed document. Raises RenderFailed."""
    pages = task.pages
    try:
        outline = for_pages(pages.template, pages.sheet.document(), pages.options)["outline"]
        pdf, is_accessible = finish(task.pdf, author=msgspec.json.decode(outline)["name"])
    except ValueError as error:
        raise RenderFailed(f"The browser printed what cannot be read ({error}).") from None
    with pypdfium2.PdfDocument(pdf) as opened:
        told = [*_told(opened), *_of_looks(pages)]
        warnings = preflight.check(told, outline, pages.options, can_show=lambda _: False)
        if pages.standards and not is_accessible:
            warnings.append(preflight.not_accessible(pages.standards, warnings))
        if pages.format == "pdf":
            return Done([pdf], len(opened), warnings)
        wanted = [page for page in pages.pages or range(1, len(opened) + 1) if page <= len(opened)]
        return Done([_picture(opened[page - 1], pages) for page in wanted], len(opened), warnings)


def _picture(page: pypdfium2.PdfPage, task: Pages) -> bytes:
    """The page as a PNG; as an SVG, which holds one."""
    ppi = task.ppi if task.format == "png" else _SVG_PPI
    buffer = io.BytesIO()
    page.render(scale=ppi / _POINTS).to_pil().save(buffer, "PNG")
    if task.format == "png":
        return buffer.getvalue()
    width, height = page.get_size()
    picture = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}pt" '
        f'height="{height:g}pt"><image width="{width:g}" height="{height:g}" href="data:image/png;base64,{picture}"/></svg>'
    ).encode()


def _of_looks(task: Pages) -> Iterator[dict[str, Any]]:
    looks = looks_of(task.options, language="en", scale=1)
    yield {
        "kind": "colours",
        "pairs": [(looks.strong, PAPER), (looks.strong, looks.tint), (looks.on_accent, looks.accent)],
    }
    if task.sheet.photo is not None and task.options.get("photo", "none") != "none":
        yield {"kind": "photo", "width": task.options.get("photoSize", _PHOTO_SIZE)}


def _told(opened: pypdfium2.PdfDocument) -> Iterator[dict[str, Any]]:
    """What a Typst document tells about itself, seen from outside: how far its pages are filled, and what runs over an edge."""
    count, (_, height) = len(opened), opened[0].get_size()
    yield {"kind": "pages", "count": count, "top": _HEAD, "bottom": height - _FOOT}
    for number, page in enumerate(opened, start=1):
        words = page.get_textpage()
        width, _ = page.get_size()
        boxes = [words.get_rect(index) for index in range(words.count_rects())]
        ends = [height - bottom for _, bottom, _, _ in boxes if bottom >= _FOOT]
        yield {"kind": "end", "page": number, "y": max(ends, default=0)}
        for box in boxes:
            if box[0] < -_SLACK or box[2] > width + _SLACK:
                yield {"kind": "overflow", "page": number, "text": words.get_text_bounded(*box)}
