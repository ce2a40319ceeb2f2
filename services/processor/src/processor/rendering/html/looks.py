"""What the options look like in CSS: colours that can be read, typefaces for every script, sizes."""

from collections.abc import Mapping
from typing import Any

import msgspec

from processor.rendering.contrast import ENOUGH, contrast

PAPER, _INK = "#ffffff", "#1d2127"
_UNIT = {"compact": 0.42, "normal": 0.5, "airy": 0.6}
_LEADING = {"compact": 1.32, "normal": 1.42, "airy": 1.52}
# The order of kit 2: what the chosen family lacks.
_SCRIPTS = (
    "Noto Sans", "Amiri", *(f"Noto Sans {script}" for script in (
        "Arabic", "Hebrew", "Devanagari", "Bengali", "Gujarati", "Gurmukhi", "Tamil", "Telugu", "Kannada", "Malayalam",
        "Oriya", "Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Ethiopic", "Armenian", "Georgian",
    )),
)  # fmt: skip
_HAN = {"ja": ("JP", "SC", "KR"), "ko": ("KR", "SC", "JP")}
_USUAL = {"accent": "#1f4e79", "font": "Noto Sans", "size": 10, "density": "normal"}
"""What a template that does not let them be chosen looks like."""
_REST = ("Noto Sans Symbols", "Noto Emoji")


class Looks(msgspec.Struct, frozen=True):
    """Values of CSS. `accent` is for surfaces; `strong` is it, dark enough for letters on paper and on `tint`; `on_accent`
    are letters on it. `unit` is the step of the vertical rhythm, in points like `size`."""

    accent: str
    strong: str
    on_accent: str
    soft_on_accent: str
    tint: str
    line: str
    ink: str
    muted: str
    size: float
    unit: float
    leading: float
    font: str
    heading_font: str


def looks_of(options: Mapping[str, Any], *, language: str, scale: float) -> Looks:
    """`options` are those of the template, which may lack some; `scale` makes text and spacing larger than they say."""
    options = {**_USUAL, **options}
    accent, font = options["accent"], options["font"]
    heading = options.get("headingFont", "same")
    size, density = options["size"] * scale, options["density"]
    tint = mix(accent, PAPER, 0.11)
    on_accent = max(PAPER, _INK, key=lambda colour: contrast(colour, accent))
    return Looks(
        accent=accent,
        strong=darkened(accent, tint),
        on_accent=on_accent,
        soft_on_accent=legible(mix(on_accent, accent, 0.82), on_accent, accent),
        tint=tint,
        line=mix(accent, PAPER, 0.35),
        ink=_INK,
        muted="#555c66",
        size=round(size, 3),
        unit=round(size * _UNIT[density], 3),
        leading=_LEADING[density],
        font=family(font, language),
        heading_font=family(font if heading == "same" else heading, language),
    )


def family(first: str, language: str) -> str:
    """The typeface and those that stand in for it. Han characters look different by language: the document's come first."""
    han = (f"Noto Sans {region}" for region in _HAN.get(language, ("SC", "JP", "KR")))
    return ",".join(f'"{name}"' for name in (first, *_SCRIPTS, *han, *_REST))


def mix(one: str, other: str, share: float) -> str:
    """So much of the one colour in the other."""
    pairs = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def darkened(colour: str, ground: str) -> str:
    """The colour, with so much ink in it as it takes to be read on the ground."""
    return next(
        (made for step in range(20) if contrast(made := mix(_INK, colour, step / 20), ground) >= ENOUGH), _INK
    )


def legible(colour: str, instead: str, ground: str) -> str:
    return colour if contrast(colour, ground) >= ENOUGH else instead
