"""The archive of a template: what may be in it, and how it becomes a folder."""

import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from common.problems import FieldError, Problem
from common.zips import Bounds, ZipRefused, read_zip
from processor.rendering import Template
from processor.rendering.documents import LETTER, RESUME
from processor.rendering.manifest import TEMPLATES, load, shared_options

BOUNDS = Bounds(files=60, file=512 << 10, whole=2 << 20, ratio=50)
MANIFEST = "template.toml"
TEXTS, PICTURES = (".toml", ".typ", ".html", ".css", ".svg"), (".png", ".jpg", ".jpeg")
ENDINGS = (*TEXTS, *PICTURES)
LONGEST_PATH = 200
MOST_OPTIONS = 60
PAPERS = {"a4", "us-letter"}
SAMPLE = "kit/2/sample.json"
"""What catalogues show the template with."""
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,99}")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_OPTION = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{0,500}")


class TemplateRefused(Problem):
    status, code, title = 422, "TEMPLATE_REFUSED", "This is no template that can be used"


def refused(message: str, path: str = "$") -> TemplateRefused:
    return TemplateRefused(f"{path}: {message}", errors=[FieldError(path, message)])


def read(data: bytes) -> dict[str, bytes]:
    """The files by their path in the template's folder. Raises TemplateRefused."""
    try:
        found = read_zip(data, BOUNDS)
    except ZipRefused as problem:
        raise refused(str(problem), f'$["{problem.name}"]' if problem.name else "$") from problem
    files = {PurePosixPath(name): content for name, content in found.items() if content is not None}
    manifests = [path for path in files if path.name == MANIFEST]
    if len(manifests) != 1:
        raise refused(f"There must be one {MANIFEST}; there are {len(manifests)}.")
    top = manifests[0].parent
    inside = {path.relative_to(top): content for path, content in files.items() if path.is_relative_to(top)}
    for path, content in inside.items():
        _check(path, content)
        if any(parent in inside for parent in path.parents):
            raise refused("It lies in what is a file too.", f'$["{path}"]')
    return {str(path): content for path, content in inside.items()}


def unpack(files: dict[str, bytes], folder: Path) -> Template:
    """Write the files below `folder`, which is new, and read what the template says of itself. Blocks.

    Raises TemplateRefused.
    """
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    try:
        _check_values(tomllib.loads(files[MANIFEST].decode()))
        template = load(folder)
    except (msgspec.ValidationError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise refused(f"The manifest cannot be read: {error}", f"$.{MANIFEST}") from error
    template = msgspec.structs.replace(template, preview=SAMPLE, is_custom=True)
    _check_manifest(template, files)
    return template


def _check(path: PurePosixPath, content: bytes) -> None:
    if path.suffix.lower() not in ENDINGS:
        raise refused(f"Only files that end with {', '.join(ENDINGS)} have a use.", f'$["{path}"]')
    if not all(_PART.fullmatch(part) for part in path.parts):
        raise refused("The name has characters that are not letters, digits or -_.", f'$["{path}"]')
    if len(str(path)) > LONGEST_PATH:
        raise refused(f"The path has more than {LONGEST_PATH} characters.", f'$["{path}"]')
    if path.suffix.lower() in TEXTS and not _is_text(content):
        raise refused("It is not text in UTF-8.", f'$["{path}"]')


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def _check_values(value: Any) -> None:
    """Raise ValueError for what the database and JSON cannot hold, though TOML can."""
    match value:
        case dict():
            for name, inner in value.items():
                _check_values(name)
                _check_values(inner)
        case list():
            for inner in value:
                _check_values(inner)
        case str() if "\0" in value:
            raise ValueError("a text holds a null character")
        case float() if not math.isfinite(value):
            raise ValueError("a number is not finite")
        case int() if not -(2**63) <= value < 2**63:
            raise ValueError("a number has more than 64 bits")


def _check_manifest(template: Template, files: dict[str, bytes]) -> None:
    for is_good, path, rule in _rules(template, files):
        if not is_good:
            raise refused(rule, f"$.{MANIFEST}.{path}")


def _rules(template: Template, files: dict[str, bytes]) -> Iterator[tuple[object, str, str]]:
    """What holds for every manifest: whether it does for this one, where, and the rule."""
    yield _ID.fullmatch(template.id), "id", "At most 40 small letters, digits and hyphens."
    yield 1 <= template.version <= 2**31 - 1, "version", "A number from 1."
    yield _NAME.fullmatch(template.name), "name", "Up to 100 characters on one line."
    yield _TEXT.fullmatch(template.description), "description", "Up to 500 characters on one line."
    yield (TEMPLATES / "kit" / str(template.kit)).is_dir(), "kit", "There is no such kit."
    yield set(template.pages) and set(template.pages) <= PAPERS, "pages", "Some of: a4, us-letter."
    yield set(template.kinds) <= {RESUME, LETTER}, "kinds", "Some of: resume, cover-letter."
    for kind, name in template.files.items():
        yield name in files and "/" not in name, f"files.{kind}", f"There is no file {name} at the top."
    limits = template.fit
    yield 0 < limits.min <= limits.max <= 10, "fit", "Factors from above 0 to 10, the smaller one first."
    yield len(template.options) <= MOST_OPTIONS, "options", f"At most {MOST_OPTIONS}."
    is_fit = "fit" not in template.options or "size" in template.options
    yield is_fit, "options.fit", "What fits itself to pages needs the option size."
    shared = shared_options(template.kit)
    for name, option in template.options.items():
        same = shared.get(name, {}).get("type", option.type)
        yield (
            _OPTION.fullmatch(name),
            f"options.{name}",
            "A name of letters, digits, hyphens and underscores.",
        )
        yield option.type == same, f"options.{name}", f"The option of this name is of the type {same}."
        problem = option.problem(option.default)
        yield problem is None, f"options.{name}", f"The default {problem}."
