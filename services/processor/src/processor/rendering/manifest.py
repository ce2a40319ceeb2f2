"""What a template says about itself (`template.toml`), and the options a person may set on it.

A template is a folder `templates/{id}/{version}/` that never changes once it was published: a resume stores id and
version, so it keeps its look. Changes go into a new version folder.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from processor.rendering.documents import RESUME, Document
from processor.rendering.fitting import FitLimits

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class InvalidOption(ValueError):
    """A render option that the template does not know or cannot use. `option` is its name."""

    def __init__(self, option: str, reason: str) -> None:
        super().__init__(f"Option '{option}' {reason}.")
        self.option = option
        self.reason = reason


class Option(msgspec.Struct, frozen=True):
    """One thing to set. `strings` is a list of section kinds; `min` and `max` bound a number or a list's length."""

    type: Literal["enum", "number", "boolean", "color", "strings"]
    label: str
    default: Any
    values: tuple[str, ...] = ()
    min: float | None = None
    max: float | None = None
    description: str = ""

    def problem(self, value: object) -> str | None:
        """Why `value` cannot be used, as the end of a sentence about it; None when it can."""
        match self.type:
            case "enum":
                known = isinstance(value, str) and value in self.values
                return None if known else f"must be one of: {', '.join(self.values)}"
            case "number":
                if isinstance(value, bool) or not isinstance(value, int | float):
                    return "must be a number"
                return self._out_of_bounds(value)
            case "boolean":
                return None if isinstance(value, bool) else "must be true or false"
            case "color":
                known = isinstance(value, str) and _COLOUR.fullmatch(value) is not None
                return None if known else "must be a colour like #1f4e79"
            case "strings":
                if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
                    return "must be a list of strings"
                return self._out_of_bounds(len(value))

    def _out_of_bounds(self, number: float) -> str | None:
        low, high = self.min or 0, float("inf") if self.max is None else self.max
        return None if low <= number <= high else f"must be between {low:g} and {high:g}"


class Template(msgspec.Struct, frozen=True):
    """A template's manifest.

    `kinds` are the kinds of documents that it is for (`resume`, `cover-letter`), `files` its source for each of them; `kit`
    is the version of the shared code and options that it builds on; `pages` are its page sizes, the default first;
    `sections` is its order of sections for documents that come without one, `*` standing for all that are not named; `fit` is
    how far it may be scaled to fill a number of pages. One that `is_custom` was uploaded: nobody here knows what it does.
    """

    id: str
    version: int
    engine: Literal["typst", "html"]
    kit: int
    name: str
    description: str
    pages: tuple[str, ...]
    sections: tuple[str, ...]
    preview: str
    options: dict[str, Option]
    kinds: tuple[str, ...] = (RESUME,)
    files: dict[str, str] = {}
    fit: FitLimits = FitLimits()
    folder: Path = Path()
    is_custom: bool = False

    @property
    def sample(self) -> dict[str, Any]:
        """The made-up resume that previews of this template show."""
        content: dict[str, Any] = msgspec.json.decode((TEMPLATES / self.preview).read_bytes())
        return content

    def kind_for(self, document: Document) -> str:
        """What the document is rendered as: what it is, if the template is for such."""
        return document.kind if document.kind in self.kinds else self.kinds[0]

    def source(self, document: Document) -> Path:
        """The file that renders the document."""
        return self.folder / self.files[self.kind_for(document)]


def load(folder: Path) -> Template:
    """Read a template's folder. Raises `msgspec.ValidationError` when its manifest breaks the schema above.

    An option that its kit has (`kit/{kit}/options.toml`) need only say what is different here: `accent = {}` takes it over.
    """
    manifest = tomllib.loads((folder / "template.toml").read_text())
    shared = shared_options(manifest.get("kit"))
    own = manifest.get("options", {})
    manifest["options"] = {name: shared.get(name, {}) | option for name, option in own.items()}
    template = msgspec.convert(manifest, Template)
    files = template.files or dict.fromkeys(template.kinds, "main.typ")
    return msgspec.structs.replace(template, files=files, kinds=tuple(files), folder=folder)


def shared_options(kit: object) -> dict[str, Any]:
    """The options of a kit, by name, as its file has them; none where there is no such kit."""
    file = TEMPLATES / "kit" / str(kit) / "options.toml"
    return tomllib.loads(file.read_text()) if isinstance(kit, int) and file.is_file() else {}


def load_builtin() -> dict[tuple[str, int], Template]:
    """Every template that ships with the processor, all versions, by id and version."""
    found = (load(path.parent) for path in sorted(TEMPLATES.glob("*/*/template.toml")))
    return {(template.id, template.version): template for template in found}


def resolve_options(template: Template, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every option of the template, as given or else its default. Raises `InvalidOption` for the first bad one."""
    for name, value in given.items():
        option = template.options.get(name)
        if option is None:
            raise InvalidOption(name, f"is unknown; this template has: {', '.join(template.options)}")
        if (problem := option.problem(value)) is not None:
            raise InvalidOption(name, problem)
    return {name: given.get(name, option.default) for name, option in template.options.items()}
