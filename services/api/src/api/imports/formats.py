"""The formats there are: which one a source has, and what it says as a resume of ours."""

from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol, cast

import msgspec

from api.archives import reading as archives
from api.archives.schemas import Archive
from api.contents import codec
from api.contents.codec import NotJson
from api.contents.json_resume import Warning
from api.contents.snapshots import Snapshot, thaw
from api.imports import (
    europass,
    json_resume,
    linkedin,
    reactive_resume,
    rendercv,
    xml_source,
    yaml_source,
    zip_source,
)
from api.imports.drafts import Draft
from api.imports.problems import Unreadable, UnsupportedFormat, kind_of
from api.imports.reading import Reader, leaves, require_few
from common.problems import FieldError

Source = dict[str, Any] | str | bytes


class Importer(Protocol):
    """A module that reads one format."""

    NAME: str

    def recognises(self, source: Any) -> bool:
        """Whether a value has this format."""

    def read(self, source: Reader, draft: Draft) -> None:
        """Put what `source` says into `draft`. Raises Unreadable."""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What a source says. `placed` is how many of its values found their place; the others are in `warnings`.

    An `archive` of ours says more than a snapshot can hold: versions, tags, the template.
    """

    format: str
    archive: Archive | None = None
    snapshot: Snapshot
    language: str | None
    page_size: str | None
    warnings: list[Warning]
    placed: int


def _importer(module: ModuleType) -> Importer:
    return cast(Importer, module)


_IMPORTERS = {
    importer.NAME: importer for importer in map(_importer, [reactive_resume, rendercv, linkedin, europass])
}
OWN = "resumax"
NAMES = (json_resume.NAME, OWN, *_IMPORTERS)


def read(source: Source, name: str | None) -> Imported:
    """What `source` says in the format `name`, or in that which it has. Raises Unreadable, UnsupportedFormat."""
    if name is not None and name not in NAMES:
        raise _unsupported("There are: ")
    value = _value(source)
    name = name or _detect(value)
    if not isinstance(value, dict):
        raise Unreadable("$", f"Expected an object, found {kind_of(value)}.")
    if name == OWN:
        return _read_archive(value)
    return _read_json_resume(value) if name == json_resume.NAME else _read(value, name)


def _read_archive(value: dict[str, Any]) -> Imported:
    archive = archives.read(value)
    return Imported(
        format=OWN,
        archive=archive,
        snapshot=thaw(codec.encode(archive.content).decode(), codec.encode(archive.layout).decode()),
        language=archive.resume.language,
        page_size=archive.resume.page_size,
        warnings=archives.unknown(value),
        placed=sum(1 for _ in leaves(value)),
    )


def _read_json_resume(value: dict[str, Any]) -> Imported:
    return Imported(
        format=json_resume.NAME,
        snapshot=json_resume.snapshot(value),
        language=None,
        page_size=None,
        warnings=json_resume.warnings(value),
        placed=sum(1 for _ in leaves(value)),
    )


def _read(value: dict[str, Any], name: str) -> Imported:
    importer, source, draft = _IMPORTERS[name], Reader(value), Draft()
    if not importer.recognises(value):
        raise Unreadable("$", f"This is not {name}.")
    require_few(value)
    importer.read(source, draft)
    left = [Warning(place.path, place.message) for place in source.left("sections")]
    return Imported(
        format=name,
        snapshot=draft.snapshot(),
        language=draft.language,
        page_size=draft.page_size,
        warnings=[*draft.warnings, *left],
        placed=source.taken,
    )


def _detect(value: Any) -> str:
    """The one format that `value` can have. Raises UnsupportedFormat."""
    if archives.recognises(value):
        return OWN
    found = [importer.NAME for importer in _IMPORTERS.values() if importer.recognises(value)]
    if not found and json_resume.recognises(value):
        return json_resume.NAME
    if len(found) != 1:
        raise _unsupported("It is not certain which format this is; name one of: ")
    return found[0]


def _unsupported(message: str) -> UnsupportedFormat:
    message += ", ".join(NAMES) + "."
    return UnsupportedFormat(message, errors=[FieldError("$.format", message)])


def _value(source: Source) -> Any:
    """The value of a source, which is told by how it begins: a ZIP archive, XML, JSON or YAML."""
    if isinstance(source, dict):
        return source
    if isinstance(source, bytes) and source.startswith(b"PK"):
        return zip_source.read(source, only=(".csv",))
    text = _text(source)
    start = text.lstrip()[:1]
    if start == "<":
        return xml_source.read(source if isinstance(source, bytes) else text)
    if start in ("{", "["):
        return _json_or_yaml(text)
    return yaml_source.read(text)


def _text(source: str | bytes) -> str:
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    encoding = "utf-16" if source[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("$", "The text is not UTF-8.") from error


def _json_or_yaml(text: str) -> Any:
    """Most of JSON is YAML too, but what begins like JSON is to be told what is wrong with it as JSON."""
    try:
        return codec.decode(text)
    except NotJson as error:
        return _otherwise(
            lambda: yaml_source.read(text), Unreadable("$", f"Not JSON that can be read: {error.detail}")
        )


def _otherwise(read: Callable[[], Any], problem: Unreadable) -> Any:
    try:
        return read()
    except Unreadable:
        raise problem from None
