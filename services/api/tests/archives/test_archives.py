"""A resume is taken away as one file, and comes back from it as it was."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.contents.json_resume import Warning
from common.testing.issuer import Issuer

Owner = dict[str, str]
Restore = Callable[..., Awaitable[tuple[str, list[Warning]]]]
Take = Callable[..., Awaitable[str]]


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
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore, take: Take
) -> None:
    before = await take(made)
    path, warnings = await restore(before)
    after = await take(path)
    assert warnings == []
    assert plain(after) == plain(before)
    one, other = json.loads(before), json.loads(after)
    assert list(one["content"]) == list(other["content"])
    assert json.dumps(one["content"]) == json.dumps(other["content"])
    assert [v["name"] for v in other["versions"]] == ["As sent", None]


async def test_its_parts_are_new_ones_and_the_same_in_all_versions(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore, take: Take
) -> None:
    before = await take(made)
    path, _ = await restore(before)
    after = await take(path)

    def ids(text: str) -> set[str]:
        found = json.loads(text)
        layouts = [found["layout"], *(version["layout"] for version in found["versions"])]
        parts = [part for layout in layouts for s in layout["sections"] for part in (s, *s["items"])]
        return {part["id"] for part in parts}

    assert not ids(before) & ids(after)
    assert len(ids(before)) == len(ids(after))


async def test_the_hashes_of_its_versions_can_be_checked(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore, take: Take
) -> None:
    path, _ = await restore(await take(made))
    for version in json.loads(await take(path))["versions"]:
        whole = {"content": version["content"], "layout": version["layout"]}
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert version["sha256"] == hashlib.sha256(text.encode()).hexdigest()


async def test_its_versions_can_be_restored_and_compared(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore, take: Take
) -> None:
    path, _ = await restore(await take(made))
    first = (await client.get(f"{path}/versions", headers=owner)).json()["items"][-1]
    found = await client.get(
        f"/api/v1/versions/{first['id']}/diff", params={"against": "current"}, headers=owner
    )
    assert [(c["op"], c["where"], c["section"]) for c in found.json()["changes"]] == [
        ("remove", "item", "skills")
    ]
    first_path = f"/api/v1/versions/{first['id']}"
    assert (await client.post(f"{first_path}/restore", headers=owner)).is_success
    content = (await client.get(f"{path}/content", headers=owner)).json()
    assert content == (await client.get(first_path, headers=owner)).json()["content"]


async def test_another_title_may_be_given(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore, take: Take
) -> None:
    path, _ = await restore(await take(made), title="Again")
    assert (await client.get(path, headers=owner)).json()["title"] == "Again"


@pytest.mark.parametrize(("versions", "numbers"), [("all", [1, 2]), ("named", [1]), ("none", [])])
async def test_only_the_versions_that_were_asked_for_go_along(
    client: httpx.AsyncClient, owner: Owner, made: str, take: Take, versions: str, numbers: list[int]
) -> None:
    found = json.loads(await take(made, versions))
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
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore, take: Take
) -> None:
    """Of the first release; the hash of such a one is of no ids, and stays."""
    found = json.loads(await take(made))
    old = found["versions"][0]
    old["layout"] = {}
    text = json.dumps({"content": old["content"], "layout": {}}, sort_keys=True, separators=(",", ":"))
    old["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    path, _ = await restore(json.dumps(found))
    again = json.loads(await take(path))["versions"][0]
    assert (again["layout"], again["sha256"]) == ({}, old["sha256"])


async def test_numbers_keep_their_digits(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, restore: Restore, take: Take
) -> None:
    path = await make_resume()
    text = '{"work":[1e400,0.1000000000000000000001,{"b":1,"a":12345678901234567890123}],"z":-0.0}'
    await client.put(f"{path}/content", content=text, headers=owner)
    await client.post(f"{path}/versions", json={"name": "x"}, headers=owner)
    again, _ = await restore(await take(path))
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
    client: httpx.AsyncClient,
    owner: Owner,
    make_resume: Any,
    restore: Restore,
    take: Take,
    first: Any,
    second: Any,
) -> None:
    path = await make_resume(content=first)
    await client.post(f"{path}/versions", json={"name": "First"}, headers=owner)
    await client.put(f"{path}/content", content=json.dumps(second), headers=owner)
    await client.post(f"{path}/versions", headers=owner)
    before = await take(path)
    again, warnings = await restore(before)
    assert warnings == []
    assert plain(await take(again)) == plain(before)
    kept = (await client.get(f"{path}/content", headers=owner)).content
    assert (await client.get(f"{again}/content", headers=owner)).content == kept


async def test_what_is_not_here_is_named_and_left_behind(
    client: httpx.AsyncClient, owner: Owner, made: str, restore: Restore, take: Take
) -> None:
    found = json.loads(await take(made))
    found["new"] = 1
    found["resume"]["mood"] = "good"
    path, warnings = await restore(json.dumps(found))
    assert [warning.path for warning in warnings] == ["$.new", "$.resume.mood"]
    assert (await client.get(f"{path}/content", headers=owner)).is_success
