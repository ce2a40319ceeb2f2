"""A resume is taken away as one file, and comes back from it as it was."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.archives import service
from api.archives.reading import ArchiveInvalid, ArchiveVersionUnsupported, read
from api.contents import codec
from api.contents.json_resume import Warning
from common.db import Database
from common.ids import new_id
from common.problems import Problem
from common.testing.issuer import Issuer

Owner = dict[str, str]
Restore = Callable[..., Awaitable[tuple[str, list[Warning]]]]
CONTENT = {
    "basics": {"name": "Ada"},
    "work": [{"position": "Programmer", "name": "Engine"}, {"name": "Other"}, {"name": "Other"}],
    "meta": {"b": 1, "a": [1]},
    "skills": ["x"],
}


@pytest.fixture
def restore(database: Database, owner_id: UUID) -> Restore:
    """Makes a resume of `owner` from the text of an archive: its path and the warnings."""

    async def restored(text: str | bytes, title: str | None = None) -> tuple[str, list[Warning]]:
        async with database.write() as db:
            resume, warnings = await service.restore(
                db, owner_id=owner_id, document=codec.decode(text), title=title
            )
        return f"/api/v1/resumes/{resume.id}", warnings

    return restored


@pytest.fixture
async def made(client: httpx.AsyncClient, owner: Owner, make_resume: Any) -> str:
    """A resume with a named version and one without a name."""
    path = str(await make_resume(title="Ada ❤", language="de", content=CONTENT, tags=["a", "B"]))
    await client.post(f"{path}/versions", json={"name": "As sent"}, headers=owner)
    await client.put(f"{path}/content", json=CONTENT | {"skills": ["x", "y"]}, headers=owner)
    await client.post(f"{path}/versions", headers=owner)
    change = {"direction": "rtl", "settings": {"accent": "#123456", "scale": 1.5}, "pageSize": "a4"}
    assert (await client.patch(path, json=change, headers=owner)).is_success
    return path


async def archive(client: httpx.AsyncClient, owner: Owner, path: str, versions: str = "all") -> str:
    answer = await client.get(f"{path}/archive", params={"versions": versions}, headers=owner)
    assert answer.status_code == 200, answer.text
    return answer.text


def plain(text: str) -> Any:
    """An archive without what is never the same twice: its time, and what follows from ids."""
    found = json.loads(text)
    names: dict[str, int] = {}

    def renamed(layout: Any) -> Any:
        for section in layout.get("sections", []):
            for part in (section, *section["items"]):
                part["id"] = names.setdefault(part["id"], len(names))
        return layout

    del found["exportedAt"]
    renamed(found["layout"])
    for version in found["versions"]:
        renamed(version["layout"])
        del version["sha256"]
    return found


async def test_a_resume_comes_back_as_it_was(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore
) -> None:
    before = await archive(client, owner, made)
    path, warnings = await restore(before)
    after = await archive(client, owner, path)
    assert warnings == []
    assert plain(after) == plain(before)
    one, other = json.loads(before), json.loads(after)
    assert list(one["content"]) == list(other["content"])
    assert json.dumps(one["content"]) == json.dumps(other["content"])
    assert [v["name"] for v in other["versions"]] == ["As sent", None]


async def test_its_parts_are_new_ones_and_the_same_in_all_versions(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore
) -> None:
    before = await archive(client, owner, made)
    path, _ = await restore(before)
    after = await archive(client, owner, path)

    def ids(text: str) -> set[str]:
        found = json.loads(text)
        layouts = [found["layout"], *(version["layout"] for version in found["versions"])]
        parts = [part for layout in layouts for s in layout["sections"] for part in (s, *s["items"])]
        return {part["id"] for part in parts}

    assert not ids(before) & ids(after)
    assert len(ids(before)) == len(ids(after))


async def test_the_hashes_of_its_versions_can_be_checked(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore
) -> None:
    path, _ = await restore(await archive(client, owner, made))
    for version in json.loads(await archive(client, owner, path))["versions"]:
        whole = {"content": version["content"], "layout": version["layout"]}
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert version["sha256"] == hashlib.sha256(text.encode()).hexdigest()


async def test_its_versions_can_be_restored_and_compared(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore
) -> None:
    path, _ = await restore(await archive(client, owner, made))
    first = (await client.get(f"{path}/versions", headers=owner)).json()["items"][-1]
    found = await client.get(
        f"/api/v1/versions/{first['id']}/diff", params={"against": "current"}, headers=owner
    )
    assert [(c["op"], c["where"], c["section"]) for c in found.json()["changes"]] == [
        ("remove", "item", "skills")
    ]
    assert (await client.post(f"/api/v1/versions/{first['id']}/restore", headers=owner)).is_success
    assert (await client.get(f"{path}/content", headers=owner)).json() == CONTENT


async def test_another_title_may_be_given(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore
) -> None:
    path, _ = await restore(await archive(client, owner, made), title="Again")
    assert (await client.get(path, headers=owner)).json()["title"] == "Again"


@pytest.mark.parametrize(("versions", "numbers"), [("all", [1, 2]), ("named", [1]), ("none", [])])
async def test_only_the_versions_that_were_asked_for_go_along(
    client: httpx.AsyncClient, owner: Owner, made: str, versions: str, numbers: list[int]
) -> None:
    found = json.loads(await archive(client, owner, made, versions))
    assert [version["number"] for version in found["versions"]] == numbers


async def test_it_is_a_file_that_is_named_after_the_resume(
    client: httpx.AsyncClient, owner: Owner, made: str
) -> None:
    answer = await client.get(f"{made}/archive", headers=owner)
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"resume.resumax.json\"; filename*=UTF-8''Ada%20%E2%9D%A4.resumax.json"
    )
    assert answer.headers["cache-control"] == "no-store"


async def test_nobody_takes_away_somebody_elses_resume(
    client: httpx.AsyncClient, made: str, issuer: Issuer
) -> None:
    assert (await client.get(f"{made}/archive", headers=issuer.headers("api"))).status_code == 404


async def test_a_version_without_layout_comes_back_as_it_was(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore
) -> None:
    """Of the first release; the hash of such a one is of no ids, and stays."""
    found = json.loads(await archive(client, owner, made))
    old = found["versions"][0]
    old["layout"] = {}
    text = json.dumps({"content": old["content"], "layout": {}}, sort_keys=True, separators=(",", ":"))
    old["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    path, _ = await restore(json.dumps(found))
    again = json.loads(await archive(client, owner, path))["versions"][0]
    assert (again["layout"], again["sha256"]) == ({}, old["sha256"])


async def test_numbers_keep_their_digits(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, restore: Restore
) -> None:
    path = await make_resume()
    text = '{"work":[1e400,0.1000000000000000000001,{"b":1,"a":12345678901234567890123}],"z":-0.0}'
    await client.put(f"{path}/content", content=text, headers=owner)
    await client.post(f"{path}/versions", json={"name": "x"}, headers=owner)
    again, _ = await restore(await archive(client, owner, path))
    kept = (await client.get(f"{path}/content", headers=owner)).text
    assert (await client.get(f"{again}/content", headers=owner)).text == kept


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=8,
)
members = st.sampled_from(["$schema", "basics", "work", "skills", "meta", "custom"]) | text
documents = st.dictionaries(members, values | st.lists(values, max_size=5), max_size=5)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=documents, second=documents)
async def test_whatever_a_resume_says_and_said_comes_back(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, restore: Restore, first: Any, second: Any
) -> None:
    path = await make_resume(content=first)
    await client.post(f"{path}/versions", json={"name": "First"}, headers=owner)
    await client.put(f"{path}/content", content=json.dumps(second), headers=owner)
    await client.post(f"{path}/versions", headers=owner)
    before = await archive(client, owner, path)
    again, warnings = await restore(before)
    assert warnings == []
    assert plain(await archive(client, owner, again)) == plain(before)
    kept = (await client.get(f"{path}/content", headers=owner)).content
    assert (await client.get(f"{again}/content", headers=owner)).content == kept


async def test_what_is_not_here_is_named_and_left_behind(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore
) -> None:
    found = json.loads(await archive(client, owner, made))
    found["new"] = 1
    found["resume"]["mood"] = "good"
    path, warnings = await restore(json.dumps(found))
    assert [warning.path for warning in warnings] == ["$.new", "$.resume.mood"]
    assert (await client.get(f"{path}/content", headers=owner)).is_success


@pytest.fixture
async def document(client: httpx.AsyncClient, owner: Owner, made: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await archive(client, owner, made))
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
