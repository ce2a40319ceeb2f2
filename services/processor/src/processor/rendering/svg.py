"""SVG that is safe to put into a page: pictures and nothing that acts, links that lead to the web, to mail or a telephone.

What Typst writes is drawings alone, with text as outlines; but the links of a template come through as they are, and a
picture of a page ends inside the page of an editor.
"""

import re

from processor.rendering.errors import RenderFailed

_ELEMENTS = (
    "svg|g|defs|symbol|use|path|rect|circle|ellipse|line|polyline|polygon|a|image|clipPath|mask|linearGradient"
    "|radialGradient|stop|pattern|style|text|tspan|title|desc"
)
_OTHER_ELEMENT = re.compile(rf"<(?!/?(?:{_ELEMENTS})[\s/>])".encode())
# A quotation mark inside a value is escaped, so these are attributes and not text of one.
_HANDLER = re.compile(rb'\son\w+\s*=\s*"', re.IGNORECASE)
_REFERENCE = re.compile(rb'((?:xlink:)?href)="(?!#)([^"]*)"')
_SAFE = re.compile(
    rb"(?:https?:|mailto:|tel:|data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,)", re.IGNORECASE
)
_AT_RULE = re.compile(rb"<style[^>]*>[^<]*(?:@import|url\()", re.IGNORECASE)


def made_safe(svg: bytes) -> bytes:
    """The picture with every other link leading nowhere. Raises RenderFailed for one with more in it than a drawing."""
    if _OTHER_ELEMENT.search(svg) or _HANDLER.search(svg) or _AT_RULE.search(svg):
        raise RenderFailed("A page has more in it than a drawing may.")
    return _REFERENCE.sub(lambda found: found[0] if _SAFE.match(found[2]) else found[1] + b'="#"', svg)
