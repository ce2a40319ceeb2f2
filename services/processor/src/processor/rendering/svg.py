"""SVG that is safe to put into a page: pictures and nothing that acts, links that lead to the web, to mail or a telephone.

What Typst writes is drawings alone, with text as outlines; but the links of a template come through as they are, and a
picture of a page ends inside the page of an editor.
"""

import re

from processor.rendering.errors import RenderFailed

# Those that there are most of come first.
_ELEMENTS = (
    rb"use|g|path|symbol|svg|defs|rect|circle|ellipse|line|polyline|polygon|a|image|clipPath|mask|linearGradient|radialGradient"
    rb"|stop|pattern|style|text|tspan|title|desc"
)
_OTHER_ELEMENT = re.compile(rb"<(?!/?(?:" + _ELEMENTS + rb")[\s/>])")
# A quotation mark inside a value is escaped, so these are attributes and not text of one.
_HANDLER = re.compile(rb"[\s\"/]on\w+\s*=\s*\"")
_PERHAPS_HANDLER = re.compile(rb"on\w+\s*=\s*\"")
_REFERENCE = re.compile(rb'href="(?!#)([^"]*)"')
_SAFE = re.compile(
    rb"(?:https?:|mailto:|tel:|data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,)", re.IGNORECASE
)
_FETCHING = re.compile(rb"\((?<=url\()(?!#|'#|&#39;#)")
# Begins the shape of a letter. They are most of the bytes, and without these characters nothing in one can act.
_OUTLINE = b'<path d="'
_ACTING = (b"<", b"=", b"(", b"@")
# What is the default anyway, at every letter: a tenth of the bytes.
_SUPERFLUOUS = b' fill-rule="nonzero"'


def made_safe(svg: bytes) -> bytes:
    """The picture with every other link leading nowhere. Raises RenderFailed for one with more in it than a drawing."""
    svg = svg.replace(_SUPERFLUOUS, b"")
    shell = _without_outlines(svg)
    if _OTHER_ELEMENT.search(shell) or _acts(shell.lower()):
        raise RenderFailed("A page has more in it than a drawing may.")
    if all(_SAFE.match(address) for address in _REFERENCE.findall(shell)):
        return svg
    return _REFERENCE.sub(lambda found: found[0] if _SAFE.match(found[1]) else b'href="#"', svg)


def _without_outlines(svg: bytes) -> bytes:
    """What there is to look at: all of it where one of what seems to be outlines is more than that, as inside of a value."""
    parts, outlines, seen = [], [], 0
    while (start := svg.find(_OUTLINE, seen)) >= 0 and (end := svg.find(b'"', start + len(_OUTLINE))) >= 0:
        parts.append(svg[seen:start])
        outlines.append(svg[start + len(_OUTLINE) : end])
        seen = end
    shapes = b"".join(outlines)
    return svg if any(sign in shapes for sign in _ACTING) else b"".join([*parts, svg[seen:]])


def _acts(lowered: bytes) -> bool:
    """Whether it runs or fetches something. The quick question about handlers comes first."""
    if _PERHAPS_HANDLER.search(lowered) and _HANDLER.search(lowered):
        return True
    return b"@import" in lowered or bool(_FETCHING.search(lowered))
