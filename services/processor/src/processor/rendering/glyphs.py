"""Which characters the bundled fonts can show."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from processor.rendering.fonts import font_folders

_COMMON = ("NotoSans", "SourceSans", "Amiri", "NotoEmoji")
# Icons stand on code points of their own choice, on some that are letters elsewhere.
_NOT_LETTERS = ("FontAwesome", "Font Awesome")
_LARGE = ("NotoSansSC", "NotoSansJP", "NotoSansKR")
# Without a glyph by nature: controls, formats (joiners, direction marks), spaces.
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}


def missing_from_fonts(characters: Iterable[str]) -> set[str]:
    """Those of the characters that no bundled font has. Fonts are read when there are characters left to look for, those
    that have most of them first, so that a usual document costs a set operation."""
    left = {character for character in characters if not _is_unseen(character)}
    for font in _fonts():
        if not left:
            break
        left -= _characters(font)
    return left


def _is_unseen(character: str) -> bool:
    is_selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return is_selector or unicodedata.category(character) in _UNSEEN


@cache
def _fonts() -> list[Path]:
    """One file for each family: its regular style has all characters."""
    found = {path for folder in font_folders() for path in folder.rglob("*.[ot]tf")}
    regular = [path for path in found if not path.name.startswith(_NOT_LETTERS) and _is_regular(path)]
    return sorted(regular, key=lambda path: (_rank(path.name), path.name))


def _is_regular(path: Path) -> bool:
    return "Regular" in path.name or "Roman" in path.name or ("[" in path.name and "Italic" not in path.name)


def _rank(name: str) -> int:
    if name.startswith(_LARGE):
        return len(_COMMON) + 1
    return next((rank for rank, start in enumerate(_COMMON) if name.startswith(start)), len(_COMMON))


@cache
def _characters(font: Path) -> frozenset[str]:
    with TTFont(font, lazy=True) as opened:
        return frozenset(map(chr, opened.getBestCmap()))
