"""What a document says that claims to be an archive of ours: nothing in it is taken on trust."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from api.archives.schemas import FORMAT, VERSION, Archive, ArchivedLayout, ArchivedSection, ArchivedVersion
from api.contents import codec
from api.contents.document import MOST_ITEMS, may_be_section
from api.contents.json_resume import Warning
from api.contents.snapshots import digest
from common.problems import FieldError, Problem

T = TypeVar("T")

_AT = re.compile(r"^(?P<message>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"field `(?P<name>[^`]*)`")


class ArchiveInvalid(Problem):
    status, code, title = 422, "ARCHIVE_INVALID", "The archive cannot be read"


class ArchiveVersionUnsupported(Problem):
    status, code, title = 422, "ARCHIVE_VERSION_UNSUPPORTED", "The archive is of another release"


def recognises(document: Any) -> bool:
    """Whether a value says that it is an archive of ours, of whatever version."""
    return isinstance(document, dict) and document.get("format") == FORMAT


def read(document: dict[str, Any]) -> Archive:
    """The archive that `document` (numbers as `codec.decode` gives them) is.

    Raises ArchiveInvalid and ArchiveVersionUnsupported, with the paths of what is wrong. May take a second: for a
    thread.
    """
    if not recognises(document):
        raise _refused([FieldError("$.format", f"Expected `{FORMAT}`.")])
    version = document.get("version")
    if type(version) is int and version != VERSION:
        message = f"This is version {version} of the format; this release reads version {VERSION}."
        raise ArchiveVersionUnsupported(message, errors=[FieldError("$.version", message)])
    archive = _as(document, Archive, "$")
    if errors := list(_errors(archive)):
        raise _refused(errors)
    return archive


def unknown(document: dict[str, Any]) -> list[Warning]:
    """Members that this release knows nothing of, and leaves behind."""
    found = [f"$.{name}" for name in document.keys() - set(_names(Archive))]
    found += [f"$.resume.{name}" for name in document["resume"].keys() - set(_names(_RESUME))]
    return [Warning(path, "This release knows no such member; it was left behind.") for path in sorted(found)]


_RESUME = next(field.type for field in msgspec.structs.fields(Archive) if field.name == "resume")


def _names(kind: type[msgspec.Struct]) -> Iterator[str]:
    return (field.encode_name for field in msgspec.structs.fields(kind))


def _as(value: Any, kind: type[T], path: str) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        match = _AT.match(str(error))
        assert match is not None  # noqa: S101 (the pattern matches any text)
        field = _FIELD.search(match["message"])
        at = path + (match["path"] or "") + (f".{field['name']}" if field else "")
        raise _refused([FieldError(at, match["message"])]) from error


def _refused(errors: list[FieldError]) -> ArchiveInvalid:
    return ArchiveInvalid(f"{errors[0].path}: {errors[0].message}", errors=errors)


def _errors(archive: Archive) -> Iterator[FieldError]:
    """What is wrong with an archive beyond the form of its members."""
    yield from _misfits(archive.content, archive.layout, "$")
    for index, version in enumerate(archive.versions):
        path = f"$.versions[{index}]"
        yield from _misfits(version.content, version.layout, path)
        if version.sha256 != _digest(version):
            yield FieldError(f"{path}.sha256", "This is not the hash of its content and layout.")
    numbers = (version.number for version in archive.versions)
    yield from _repeated(numbers, "$.versions[{}].number", "Another version has this number.")
    said = ((version.sha256, version.language, version.title) for version in archive.versions)
    yield from _repeated(said, "$.versions[{}]", "Another version says the same.")


def _digest(version: ArchivedVersion) -> str:
    return digest(codec.canonical(version.content), codec.canonical(version.layout))


def _misfits(content: dict[str, Any], layout: dict[str, Any], path: str) -> Iterator[FieldError]:
    """Where a layout is not one of the content that it stands beside."""
    sections = _as(layout, ArchivedLayout, f"{path}.layout").sections
    at = f"{path}.layout.sections"
    for index, section in enumerate(sections):
        yield from _misfit(section, content, f"{at}[{index}]", path)
    yield from _repeated((s.name for s in sections), at + "[{}].name", "Another section has this name.")
    yield from _repeated((s.id for s in sections), at + "[{}].id", "Another section has this id.")
    items = [item.id for section in sections for item in section.items]
    if len(items) > MOST_ITEMS:
        yield FieldError(at, f"There are more than {MOST_ITEMS} items.")
    if len(set(items)) < len(items) or set(items) & {section.id for section in sections}:
        yield FieldError(at, "Two parts have one id.")


def _misfit(section: ArchivedSection, content: dict[str, Any], at: str, path: str) -> Iterator[FieldError]:
    if not may_be_section(section.name):
        yield FieldError(f"{at}.name", "This member is no section.")
        return
    value = content.get(section.name)
    if not isinstance(value, list):
        yield FieldError(f"{path}.content.{section.name}", "Expected a list: the layout has this section.")
    elif len(value) != len(section.items):
        yield FieldError(
            f"{at}.items",
            f"There are {len(section.items)}, but {len(value)} in {path}.content.{section.name}.",
        )


def _repeated(values: Iterable[Hashable], path: str, message: str) -> Iterator[FieldError]:
    seen: Counter[Hashable] = Counter()
    for index, value in enumerate(values):
        if seen[value]:
            yield FieldError(path.format(index), message)
        seen[value] += 1
