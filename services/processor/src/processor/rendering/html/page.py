"""The page that Chromium prints: a template of Jinja2, filled with an outline and options.

A pure function in a sandbox: texts are data, escaped wherever they stand, and nothing of them is ever run as a template,
markup or style (SECURITY 25).
"""

import base64
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from processor.rendering.documents import Document, Photo
from processor.rendering.errors import RenderFailed
from processor.rendering.html.looks import looks_of
from processor.rendering.html.words import plain, runs_right_to_left, set_words
from processor.rendering.inputs import for_pages
from processor.rendering.manifest import TEMPLATES, Template

_KITS = "html-kit"
_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:https?://)?(?:www\.)?(?=.)", re.IGNORECASE)
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 ]")
_LEARNT = frozenset({"education", "certificates", "skills", "languages", "courses"})
_PRAISED = frozenset({"awards", "publications", "references", "grants", "patents"})
_PNG = b"\x89PNG"


def write_page(
    template: Template,
    document: Document,
    options: Mapping[str, Any],
    *,
    scale: float = 1,
    explains: bool = False,
) -> str:
    """The document as one page of HTML that asks for nothing from outside. `options` are complete and checked; `scale` sets
    it larger or smaller than they say. Raises RenderFailed, with the words of the error if it `explains`, for the mistakes
    of the template."""
    outline = msgspec.json.decode(for_pages(template, document, options)["outline"])
    looks = looks_of(options, language=outline["language"], scale=scale)
    photo = _photo(outline, options, document.photo)
    name = template.source(document).name
    try:
        source = _environment(template.folder).get_template(name)
        return source.render(data=outline, options=options, looks=looks, photo=photo)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        place = f"{name}:{line}" if line else name
        words = f": {error.message}" if explains else ""
        raise RenderFailed(
            f"Template {template.id} {template.version} could not be written ({place}){words}."
        ) from None


@cache
def _environment(folder: Path) -> ImmutableSandboxedEnvironment:
    """That of one template: it sees its own folder and the kits, `html-kit/1/…`."""
    kits = PrefixLoader({_KITS: FileSystemLoader(TEMPLATES / _KITS)})
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([kits, FileSystemLoader(folder)]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=set_words,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals = {"style": lambda name: _style(environment, name), "range": range}
    environment.filters |= {
        "plain": plain, "says_address": says_address, "family": family,
        "link": safe_link, "short": without_scheme, "css_string": css_string, "written": written, "details": details
    }  # fmt: skip
    environment.tests |= {"among": among, "right_to_left": runs_right_to_left}
    return environment


def _style(environment: ImmutableSandboxedEnvironment, name: str) -> Markup:
    """A style sheet of the template or a kit, as it is."""
    assert environment.loader is not None  # noqa: S101 (set above)
    return Markup(environment.loader.get_source(environment, name)[0])  # noqa: S704 (our own file, no content)


def safe_link(address: str) -> Markup:
    """The address, for an attribute, if it is one that a document may lead to; else nothing."""
    return plain(address if _LINK.fullmatch(address) else "")


def without_scheme(address: str) -> str:
    """`https://www.example.org/` as people write it: `example.org`."""
    return _PREFIX.sub("", address).removesuffix("/")


def css_string(text: str) -> Markup:
    """A text as a string of CSS: all but plain letters as escapes, so that nothing in it ends the string or the style."""
    escaped = _NOT_PLAIN.sub(lambda found: f"\\{ord(found[0]):x} ", text.replace("\0", ""))
    return Markup(f'"{escaped}"')  # noqa: S704 (only letters, digits, spaces and escapes)


def written(value: Any) -> int:
    """How many characters all texts in a value have."""
    if isinstance(value, str):
        return len(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(map(written, inner))


def details(entry: Mapping[str, Any], links: str) -> tuple[str, list[dict[str, str]]]:
    """Where the title of an entry leads, and the details to show: with `links` hidden its first address is in its title."""
    shown = list(entry["details"])
    web = next((detail for detail in shown if detail["kind"] == "url" and safe_link(detail["href"])), None)
    if links != "hidden" or web is None or not entry["title"]:
        return "", shown
    shown.remove(web)
    return web["href"], shown


def family(kind: str) -> str:
    """What a section of this kind is about, for sections of one family to look alike: what was done, learnt or praised."""
    return "learnt" if kind in _LEARNT else "praised" if kind in _PRAISED else "done"


def says_address(profile: Mapping[str, Any]) -> bool:
    """Whether the name of an account holds all that its address does, such as `@ada@social.example`."""
    name = profile["username"].casefold()
    parts = re.split(r"[/@]+", without_scheme(profile["url"]["text"]).casefold())
    return "@" in name and all(part in name for part in parts)


def among(section: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Whether the section, or all of its kind, is named."""
    return section["kind"] in names or section["name"] in names


def _photo(outline: dict[str, Any], options: Mapping[str, Any], photo: Photo | None) -> dict[str, str] | None:
    """The picture as the template shows it; None if there is none or it is not wanted."""
    if photo is None or options.get("photo", "none") == "none":
        return None
    kind = "png" if photo.data.startswith(_PNG) else "jpeg"
    return {
        "source": plain(f"data:image/{kind};base64,{base64.b64encode(photo.data).decode()}"),
        "words": plain(outline["photo"]["alt"]),
    }
