"""A web page in one file: nothing is loaded, nothing is run, and it reads well without its style."""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from processor.formats.colours import readable
from processor.formats.links import safe_href
from processor.formats.reading import Outlined
from processor.outlines.labels import labels_in
from processor.outlines.letter import Letter
from processor.rendering.documents import Photo
from processor.rendering.html.words import SIGNED

_PAGES = Path(__file__).with_name("pages")
_DASH = " \N{EN DASH} "
_ISO = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?")
_SERIFS = frozenset({"EB Garamond", "XCharter", "Gentium Book Plus"})
# Fonts of the systems that people have, closest to those of the templates.
_STACKS = {
    True: 'Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif',
    False: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
}
_PAPER, _NIGHT = "#ffffff", "#16181d"


def write_html(
    outline: Outlined, exact: Outlined, options: Mapping[str, Any], *, photo: Photo | None = None
) -> str:
    """The page; `exact` is the same outline with its dates as ISO 8601 writes them, for machines to read."""
    name = "letter.html" if isinstance(outline, Letter) else "resume.html"
    accent = options.get("accent", "#1f4e79")
    return (
        _environment()
        .get_template(name)
        .render(
            document=outline,
            exact=exact,
            style=_style(),
            photo=_photo(outline, photo, options.get("photo", "none")),
            fonts=Markup(_STACKS[options.get("font") in _SERIFS]),  # noqa: S704 (words of ours)
            accent=readable(accent, on=_PAPER),
            accent_at_night=readable(accent, on=_NIGHT),
        )
    )


def _photo(outline: Outlined, photo: Photo | None, shape: str) -> dict[str, Any] | None:
    """The picture within the page itself, if it is to be shown."""
    if photo is None or shape == "none":
        return None
    kind = "png" if photo.data.startswith(b"\x89PNG") else "jpeg"
    label = labels_in(outline.language)["photo"]
    return {
        "source": f"data:image/{kind};base64,{base64.b64encode(photo.data).decode()}",
        "alt": f"{label}: {outline.name}" if outline.name else label,
        "shape": shape,
        "width": photo.width,
        "height": photo.height,
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"href": safe_href, "set": set_words, "listed": set_list}
    environment.globals["moments"] = moments
    return environment


@pass_context
def set_words(context: Context, text: str) -> Markup:
    """The text as HTML. Where lines run from right to left, words such as C++ have their own direction: else their signs
    would stand before them."""
    html = escape(text)
    if not context["document"].rtl:
        return html
    return Markup(SIGNED.sub(r"<bdi>\g<0></bdi>", str(html)))  # noqa: S704 (escaped; only marks are added)


@pass_context
def set_list(context: Context, items: Sequence[str]) -> Markup:
    """Short words, one after the other; where lines run from right to left, each in its own direction."""
    document = context["document"]
    comma = escape(document.comma)
    return comma.join(Markup("<bdi>{}</bdi>").format(item) if document.rtl else item for item in items)


@cache
def _style() -> Markup:
    return Markup((_PAGES / "style.css").read_text())  # noqa: S704 (a file of ours)


def moments(shown: str, exact: str) -> list[tuple[str, str]]:
    """A date or range piece by piece, each with the `datetime` it stands for; with "" where it is no date of ISO 8601."""
    words, days = shown.split(_DASH), exact.split(_DASH)
    if len(words) != len(days):
        return [(shown, "")]
    return [(word, day if _is_day(day) else "") for word, day in zip(words, days, strict=True)]


def _is_day(text: str) -> bool:
    """Whether `text` is a year, month or day that there is, as HTML has them in `time`."""
    found = _ISO.fullmatch(text)
    try:
        return bool(found and date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)))
    except ValueError:
        return False
