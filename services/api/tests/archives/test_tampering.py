"""Nothing in an archive is taken on trust: what is wrong with it is said, with its path."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.archives import service
from api.archives.reading import ArchiveInvalid, ArchiveVersionUnsupported, read
from api.contents import codec
from common.db import Database
from common.ids import new_id
from common.problems import Problem

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


@pytest.fixture
async def document(made: str, take: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await take(made))
    return found


async def test_an_archive_of_another_release_is_refused_with_the_reason(document: dict[str, Any]) -> None:
    with pytest.raises(
        ArchiveVersionUnsupported, match="version 2 of the format; this release reads version 1"
    ):
        read(document | {"version": 2, "content": "whatever that release has"})


def put(path: str, value: Any) -> Callable[[Any], None]:
    """A change of an archive at a path like `layout.sections.0.id`."""

    def change(found: Any) -> None:
        *way, last = (int(step) if step.isdecimal() else step for step in path.split("."))
        for step in way:
            found = found[step]
        found[last] = value

    return change


def copy(source: str, target: str) -> Callable[[Any], None]:
    def change(found: Any) -> None:
        value = found
        for step in source.split("."):
            value = value[int(step) if step.isdecimal() else step]
        put(target, deepcopy(value))(found)

    return change


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (put("format", "other"), "$.format"),
        (put("version", "1"), "$.version"),
        (put("version", True), "$.version"),
        (put("exportedAt", "yesterday"), "$.exportedAt"),
        (put("exportedAt", "9999-12-31T23:59:59-14:00"), "$.exportedAt"),
        (put("versions.0.createdAt", "0001-01-01T00:00:00+14:00"), "$.versions[0].createdAt"),
        (put("resume", []), "$.resume"),
        (put("resume", {}), "$.resume.kind"),
        (put("resume.title", ""), "$.resume.title"),
        (put("resume.language", "!"), "$.resume.language"),
        (put("resume.kind", "novel"), "$.resume.kind"),
        (put("resume.template.version", 0), "$.resume.template.version"),
        (put("resume.tags", ["x" * 51]), "$.resume.tags[0]"),
        (put("resume.settings", {"a": {}}), "$.resume.settings[...]"),
        (put("content", []), "$.content"),
        (put("content.work", {}), "$.content.work"),
        (put("content.work", [1]), "$.layout.sections[0].items"),
        (put("layout", None), "$.layout"),
        (put("layout.sections", {}), "$.layout.sections"),
        (put("layout.sections.0", {}), "$.layout.sections[0].id"),
        (put("layout.sections.0.id", "x"), "$.layout.sections[0].id"),
        (put("layout.sections.0.name", "basics"), "$.layout.sections[0].name"),
        (put("layout.sections.0.name", "../x"), "$.layout.sections[0].name"),
        (put("layout.sections.0.columns", 99), "$.layout.sections[0].columns"),
        (put("layout.sections.0.title", "a\nb"), "$.layout.sections[0].title"),
        (put("layout.sections.0.items.0.visible", 1), "$.layout.sections[0].items[0].visible"),
        (copy("layout.sections.0.items.0", "layout.sections.0.items.1"), "$.layout.sections"),
        (copy("layout.sections.0.id", "layout.sections.1.id"), "$.layout.sections[1].id"),
        (copy("layout.sections.0.name", "layout.sections.1.name"), "$.layout.sections[1].items"),
        (put("versions", {}), "$.versions"),
        (put("versions.0.number", 0), "$.versions[0].number"),
        (put("versions.0.reason", "whim"), "$.versions[0].reason"),
        (put("versions.0.createdAt", "2026-01-01T00:00:00"), "$.versions[0].createdAt"),
        (put("versions.0.sha256", "0" * 64), "$.versions[0].sha256"),
        (put("versions.0.content.basics", {"name": "Eve"}), "$.versions[0].sha256"),
        (put("versions.0.layout.sections.0.items.0.visible", False), "$.versions[0].sha256"),
        (put("versions.1.number", 1), "$.versions[1].number"),
        (copy("versions.0", "versions.1"), "$.versions[1].number"),
    ],
)
def test_what_was_tampered_with_is_refused_with_its_path(
    document: dict[str, Any], change: Callable[[Any], None], path: str
) -> None:
    read(deepcopy(document))
    change(document)
    with pytest.raises(ArchiveInvalid) as refused:
        read(document)
    assert refused.value.errors is not None
    assert path in [error.path for error in refused.value.errors], refused.value.errors


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_no_document_is_a_crash(
    document: dict[str, Any], data: st.DataObject, database: Database
) -> None:
    """Whatever is put in whatever place: an archive, or a problem that says what is wrong."""
    found = deepcopy(document)
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        for key in value if isinstance(value, dict) else range(len(value)):
            places.append((value, key))
            if isinstance(value[key], dict | list):
                walk(value[key])

    walk(found)
    container, key = data.draw(st.sampled_from(places))
    if data.draw(st.booleans()):
        container[key] = data.draw(values)
    else:
        del container[key]
    refused: Problem | None = None
    try:
        async with database.write() as db:
            await service.restore(db, owner_id=new_id(), document=codec.decode(json.dumps(found)))
    except Problem as problem:
        refused = problem
    assert refused is None or (refused.status in (400, 422) and refused.errors)
