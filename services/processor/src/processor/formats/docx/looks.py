"""How a DOCX looks: page, typefaces by script, sizes, the accent colour, and in which language it is checked."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

from processor.formats.reading import Outlined
from processor.outlines.letter import Letter

_PAGES = {"a4": (Mm(210), Mm(297)), "us-letter": (Mm(215.9), Mm(279.4))}
_MARGIN = Mm(20)
_BETWEEN_PARAGRAPHS = Pt(8)
"""Of letters, which have no other marks for the eye."""
_SIZE = 10.5
_LARGER = {"Title": 2.3, "Subtitle": 1.15, "Heading 1": 1.3, "Heading 2": 1.1, "Header": 0.9}
_COLOURED = ("Title", "Heading 1")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# The typefaces that Word has for what the one that was chosen cannot write.
_EAST_ASIAN = {
    "ja": ("Yu Gothic", "ja-JP"),
    "ko": ("Malgun Gothic", "ko-KR"),
    "zh": ("Microsoft YaHei", "zh-CN"),
    "zh-Hant": ("Microsoft JhengHei", "zh-TW"),
}
_TRADITIONAL = re.compile(r"zh-(Hant|TW|HK|MO)", re.IGNORECASE)
_COMPLEX = dict.fromkeys(("hi", "mr", "ne", "bn", "ta", "te"), "Nirmala UI") | {"th": "Leelawadee UI"}
_UNKNOWN_DAY = date(2000, 1, 1)


def set_looks(word: WordDocument, outline: Outlined, language: str, options: Mapping[str, Any]) -> None:
    _set_page(word, options)
    _set_typefaces(word, language, options, is_rtl=outline.rtl)
    styles, size = word.styles, float(options.get("size", _SIZE))
    for name, factor in ({"Normal": 1.0} | _LARGER).items():
        _set_size(styles[name], size * factor)
    if isinstance(outline, Letter):
        styles["Normal"].paragraph_format.space_after = _BETWEEN_PARAGRAPHS
    if accent := options.get("accent"):
        for name in _COLOURED:
            styles[name].font.color.rgb = RGBColor.from_string(accent.removeprefix("#").upper())


def set_properties(word: WordDocument, outline: Outlined, language: str, made_on: date | None) -> None:
    """What the file says of itself. Its times are those of its content, not of when it was written."""
    properties = word.core_properties
    properties.title, properties.author = outline.title[:255], outline.name[:255]
    properties.language = _tag(language)
    properties.created = properties.modified = datetime.combine(made_on or _UNKNOWN_DAY, time(), UTC).replace(
        tzinfo=None
    )


def text_width(word: WordDocument) -> int:
    """The width of a line, in twentieths of a point."""
    section = word.sections[0]
    margins = Length((section.left_margin or 0) + (section.right_margin or 0))
    return round((Length(section.page_width or 0) - margins) / Pt(1) * 20)


def _set_page(word: WordDocument, options: Mapping[str, Any]) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = _PAGES.get(options.get("page", "a4"), _PAGES["a4"])
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN


def _set_typefaces(word: WordDocument, language: str, options: Mapping[str, Any], *, is_rtl: bool) -> None:
    defaults = word.styles.element.find(".//" + qn("w:rPrDefault"))
    fonts, languages = defaults.find(".//" + qn("w:rFonts")), defaults.find(".//" + qn("w:lang"))
    tag = _tag(language)
    primary = "zh-Hant" if _TRADITIONAL.match(tag) else tag.split("-")[0].lower()
    east_asian, east_asian_tag = _EAST_ASIAN.get(primary, _EAST_ASIAN["zh"])
    if font := options.get("font"):
        fonts.set(qn("w:ascii"), font)
        fonts.set(qn("w:hAnsi"), font)
    fonts.set(qn("w:eastAsia"), east_asian)
    fonts.set(qn("w:cs"), _COMPLEX.get(primary, "Arial"))
    languages.set(qn("w:val"), tag)
    languages.set(qn("w:eastAsia"), east_asian_tag)
    if is_rtl:
        languages.set(qn("w:bidi"), tag)


def _set_size(style: Any, points: float) -> None:
    """The size of letters of all scripts; Word knows halves of points."""
    half = round(points * 2)
    style.font.size = Pt(half / 2)
    complex_size = style.element.rPr.makeelement(qn("w:szCs"), {qn("w:val"): str(half)})
    style.element.rPr.find(qn("w:sz")).addnext(complex_size)


def _tag(language: str) -> str:
    tag = language.replace("_", "-")
    return tag if _TAG.fullmatch(tag) else "en"
