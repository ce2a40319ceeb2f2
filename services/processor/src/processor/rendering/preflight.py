"""Preflight: what the owner of a finished document may want to change, found by looking at what was rendered.

Templates of kit 2 tell about themselves: `metadata` with the label `<preflight>`, each an object with a `kind`
(`templates/kit/2/preflight.typ`). Older ones tell nothing; for them, characters and the accent colour are looked at.

A message never quotes the document, because it is kept with its export and goes through the queue: what may is `text`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from common.contracts.documents import RenderWarning
from processor.rendering.contrast import ENOUGH, contrast
from processor.rendering.fitting import Fitted
from processor.rendering.glyphs import missing_from_fonts

SELECTOR = "<preflight>"
_LEAST_FILLED, _WELL_FILLED = 0.2, 0.6
"""Of the height of the last page. Less looks like a mistake; a document that is to fill its pages fills so much of it."""
_LEAST_DPI = 150
_MILLIMETRES_AN_INCH = 25.4
_LONGEST_QUOTE = 80
_MOST_QUOTED = 12
_MOST_ASKED = 40
"""Characters that the engine is asked about, a compile each. More than so many are of a script that it has no font for."""
_MOST_OVERFLOWS, _MOST_EMPTY = 10, 10
_OVERFLOWS = (
    "This text is wider than its room and runs over the edge.",
    "This text is longer than its page and runs over the foot of it.",
)
_PAPER = "#ffffff"
_COLOUR = len(_PAPER)
# Fields of an outline that nobody sees as they are.
_NOT_SEEN = {"title", "href", "kind", "layout", "path", "language", "region", "made_on"}
Told = Sequence[Mapping[str, Any]]


def told_by(query_result: str) -> list[dict[str, Any]]:
    """What a document tells, from the answer to the query for `SELECTOR`. Facts of a wrong shape are left out."""
    found = msgspec.json.decode(query_result)
    values = (item.get("value") for item in found if isinstance(item, dict))
    return [value for value in values if isinstance(value, dict)]


def check(
    told: Told, outline: str, options: Mapping[str, Any], *, can_show: Callable[[str], bool]
) -> list[RenderWarning]:
    """All warnings about a laid-out document. `outline` is the JSON that it was made of; `can_show` says whether the engine
    has a glyph for a character that none of the bundled fonts has."""
    return [
        *_missing_glyphs(outline, can_show),
        *_overflows(told),
        *_low_contrast(told, options),
        *_small_photo(told, outline),
        *_photo_left_out(told, outline, options),
        *_nearly_empty(told),
    ]


def does_not_fit(fitted: Fitted, wanted: int) -> list[RenderWarning]:
    """A warning unless the document has the pages that were asked for."""
    if fitted.fits:
        return []
    how = "smaller" if fitted.pages > wanted else "larger"
    message = (
        f"The document has {_pages(fitted.pages)}, not {wanted}, and is set as usual: even as much {how} as still looks right, it "
        f"would not have {wanted}."
    )
    return [RenderWarning(code="does_not_fit", message=message)]


def is_filled(told: Told) -> bool:
    """Whether the last page is well filled, as far as the document tells."""
    filled = _last_page_filled(told)
    return filled is None or filled >= _WELL_FILLED


def does_not_fill(wanted: int) -> RenderWarning:
    """The warning about a document that would be large and still not fill its pages."""
    message = (
        f"The document is too short to fill {_pages(wanted)}, and is set as usual: even as much larger as still looks right, it "
        "would leave much of the last page empty."
    )
    return RenderWarning(code="does_not_fit", message=message)


def not_accessible(
    standards: Sequence[str], others: Sequence[RenderWarning], outline: str = "{}"
) -> RenderWarning:
    """The warning about a file that could not be made to follow the standards that were asked for; `others` are those of the
    same file, which may say why. Standards want a glyph for each character, and a main heading before all others: the name."""
    names = " and ".join(_standard(name) for name in standards)
    because = ""
    if any(warning.code == "missing_glyphs" for warning in others):
        because = ", because some of its characters cannot be shown"
    elif not msgspec.json.decode(outline).get("name", "unknown"):
        because = ", because there is no name at its head"
    return RenderWarning(code="not_accessible", message=f"The file does not follow {names}{because}.")


def _standard(name: str) -> str:
    family, _, part = name.upper().partition("-")
    return f"PDF/{family}-{part.lower()}" if part else f"PDF {family}"


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"


def _kind(told: Told, kind: str) -> list[Mapping[str, Any]]:
    return [fact for fact in told if fact.get("kind") == kind]


# --- Characters ---------------------------------------------------------------------------------------------------------


def _missing_glyphs(outline: str, can_show: Callable[[str], bool]) -> list[RenderWarning]:
    suspects = sorted(missing_from_fonts(set(outline)))
    missing = {*suspects[_MOST_ASKED:], *(one for one in suspects[:_MOST_ASKED] if not can_show(one))}
    if not missing:
        return []
    where = [text for text in _texts(msgspec.json.decode(outline)) if missing & set(text)]
    seen = sorted({character for text in where for character in missing & set(text)})
    if not seen:
        return []
    listed = ", ".join(f"{character} (U+{ord(character):04X})" for character in seen[:_MOST_QUOTED])
    more = " and others" if len(seen) > _MOST_QUOTED else ""
    text = f"{listed}{more}, in: {_quoted(where[0])}"
    return [RenderWarning(code="missing_glyphs", message=_no_glyphs(len(seen)), text=text)]


def _no_glyphs(count: int) -> str:
    if count == 1:
        return "No typeface has one of the characters, so it is shown as an empty box."
    return f"No typeface has {count} of the characters, so they are shown as empty boxes."


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in _NOT_SEEN or isinstance(inner, dict | list):
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def _quoted(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "\N{HORIZONTAL ELLIPSIS}"


# --- What the document tells --------------------------------------------------------------------------------------------


def _overflows(told: Told) -> list[RenderWarning]:
    return [
        RenderWarning(
            code="text_overflows",
            message=_OVERFLOWS[fact.get("edge") == "bottom"],
            page=fact["page"],
            text=_quoted(fact["text"]),
        )
        for fact in _kind(told, "overflow")[:_MOST_OVERFLOWS]
    ]


def _low_contrast(told: Told, options: Mapping[str, Any]) -> list[RenderWarning]:
    pairs = {tuple(pair) for fact in _kind(told, "colours") for pair in fact["pairs"]}
    if not told and "accent" in options:
        pairs = {(options["accent"], _PAPER)}
    # Cut to what is looked at: what else a template says there may be of the document.
    pairs = {(letters[:_COLOUR], ground[:_COLOUR]) for letters, ground in pairs}
    poor = [(contrast(*pair), *pair) for pair in sorted(pairs) if contrast(*pair) < ENOUGH]
    return [
        RenderWarning(
            code="low_contrast",
            message=f"Text in {letters} on {ground} is hard to read: its contrast is {ratio:.1f} to 1, and should be at least "
            f"{ENOUGH} to 1.",
            text=letters,
        )
        for ratio, letters, ground in poor
    ]


def _small_photo(told: Told, outline: str) -> list[RenderWarning]:
    shown = _kind(told, "photo")
    photo = msgspec.json.decode(outline).get("photo") if shown else None
    if not photo:
        return []
    inches = max(fact["width"] for fact in shown) / _MILLIMETRES_AN_INCH
    dpi = int(min(photo["width"], photo["height"]) / inches)
    if dpi >= _LEAST_DPI:
        return []
    message = f"The photo is printed at {dpi} dots an inch and may look blurred: it should have at least {_LEAST_DPI}."
    return [RenderWarning(code="photo_too_small", message=message, page=1)]


def _photo_left_out(told: Told, outline: str, options: Mapping[str, Any]) -> list[RenderWarning]:
    has_room = "photo" in options or _kind(told, "photo")
    if has_room or not msgspec.json.decode(outline).get("photo"):
        return []
    message = "This template has no room for a photo, so the one that the document has is left out."
    return [RenderWarning(code="photo_not_usable", message=message)]


def _last_page_filled(told: Told) -> float | None:
    """How much of the height between its margins, from 0 to 1."""
    pages = _kind(told, "pages")
    if not pages:
        return None
    last, top, bottom = pages[0]["count"], pages[0]["top"], pages[0]["bottom"]
    ends = [fact["y"] for fact in _kind(told, "end") if fact["page"] == last]
    return float((max(ends, default=bottom) - top) / (bottom - top))


def _nearly_empty(told: Told) -> list[RenderWarning]:
    """Of the pages whose fill is known: the last, and all others of documents with unusually long texts."""
    parts = {fact["page"]: fact["part"] for fact in _kind(told, "filled")}
    filled, pages = _last_page_filled(told), _kind(told, "pages")
    if filled is not None and pages[0]["count"] > 1:
        parts[pages[0]["count"]] = filled
    poor = [(page, part) for page, part in sorted(parts.items()) if part < _LEAST_FILLED]
    return [
        RenderWarning(code="page_nearly_empty", message=_is_empty(page, part), page=page)
        for page, part in poor[:_MOST_EMPTY]
    ]


def _is_empty(page: int, part: float) -> str:
    return f"Page {page} is nearly empty: only its first {max(1, round(part * 100))} % are filled."
