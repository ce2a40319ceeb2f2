"""Copies of resumes."""

import json
from pathlib import Path
from typing import Any

import pytest

from common.ids import new_id

PATH = "/api/v1/resumes"
Resumes = Any
DOCUMENTS = Path(__file__).parent.parent / "documents"


async def ids_of(resumes: Resumes, path: str) -> set[str]:
    """The ids of a resume's sections and items."""
    found = set()
    for section in (await resumes.read(f"{path}/sections"))["items"]:
        items = (await resumes.read(f"{path}/sections/{section['id']}/items"))["items"]
        found |= {section["id"], *(item["id"] for item in items)}
    return found


@pytest.mark.parametrize("document", ["full", "odd", "world"])
async def test_a_copy_says_the_same_with_parts_of_its_own(resumes: Resumes, document: str) -> None:
    content = json.loads((DOCUMENTS / f"{document}.json").read_text())
    looks = {"settings": {"accent": "#123456"}, "pageSize": "a4", "direction": "rtl", "tags": ["B", "a"]}
    path = await resumes.make("Ada", language="ar", content=content, **looks)
    answer = await resumes.call("POST", f"{path}/duplicate")
    assert (answer.status_code, answer.headers["etag"]) == (201, '"v1"')
    copy, original = answer.headers["location"], await resumes.read(path)
    assert answer.json() == await resumes.read(copy)
    own = ("id", "title", "createdAt", "updatedAt")
    assert answer.json() | {name: original[name] for name in own} == original
    assert answer.json()["title"] == "Ada (copy)"
    texts = [(await resumes.call("GET", f"{where}/content")).content for where in (path, copy)]
    assert texts[0] == texts[1]
    mine, theirs = await ids_of(resumes, path), await ids_of(resumes, copy)
    assert len(mine) == len(theirs)
    assert not mine & theirs


async def test_a_change_of_the_copy_is_none_of_the_original(resumes: Resumes) -> None:
    path = await resumes.make(content={"work": [{"name": "Engine"}]}, tags=["a"])
    copy = f"{PATH}/{(await resumes.done('POST', f'{path}/duplicate', {'title': 'Mine'}))['id']}"
    await resumes.done("PUT", f"{copy}/content", {"work": [{"name": "Loom"}]})
    await resumes.done("PATCH", copy, {"tags": ["b"], "title": "Other"})
    assert await resumes.read(f"{path}/content") == {"work": [{"name": "Engine"}]}
    assert (await resumes.read(path))["tags"] == ["a"]
    assert (await resumes.titles(q="engine"), await resumes.titles(q="loom")) == (["Ada"], ["Other"])


async def test_what_is_hidden_and_how_sections_are_set_is_copied(resumes: Resumes) -> None:
    path = await resumes.make(content={"work": [{"name": "A"}, {"name": "B"}]})
    (section,) = (await resumes.read(f"{path}/sections"))["items"]
    items = (await resumes.read(f"{path}/sections/{section['id']}/items"))["items"]
    await resumes.done("PATCH", f"{path}/sections/{section['id']}", {"title": "Jobs", "columns": 2})
    await resumes.done("PATCH", f"{path}/items/{items[0]['id']}", {"visible": False})
    copy = f"{PATH}/{(await resumes.done('POST', f'{path}/duplicate'))['id']}"
    (copied,) = (await resumes.read(f"{copy}/sections"))["items"]
    assert (copied["title"], copied["columns"]) == ("Jobs", 2)
    shown = (await resumes.read(f"{copy}/sections/{copied['id']}/items"))["items"]
    assert [item["visible"] for item in shown] == [False, True]
    assert await resumes.titles(q="jobs", sort="title") == ["Ada", "Ada (copy)"]


async def test_uses_of_library_items_stay_uses(resumes: Resumes) -> None:
    path = await resumes.make(content={"work": [{"name": "Loom"}]})
    (section,) = (await resumes.read(f"{path}/sections"))["items"]
    library = "/api/v1/library/items"
    kept = await resumes.done("POST", library, {"kind": "work", "data": {"name": "Engine"}})
    body = {"libraryItemId": kept["id"]}
    await resumes.done("POST", f"{path}/sections/{section['id']}/library-items", body)
    copy = await resumes.done("POST", f"{path}/duplicate")
    uses = (await resumes.read(f"{library}/{kept['id']}/uses"))["items"]
    assert {use["resumeId"] for use in uses} == {path.rsplit("/", 1)[1], copy["id"]}


async def test_versions_and_families_stay_with_the_original(resumes: Resumes) -> None:
    path = await resumes.make(content={"work": [1]})
    await resumes.done("POST", f"{path}/versions")
    await resumes.done("POST", f"{path}/variants", {"language": "de"})
    copy = await resumes.done("POST", f"{path}/duplicate")
    assert copy["familyId"] is None
    assert (await resumes.read(path))["familyId"] is not None
    assert (await resumes.read(f"{PATH}/{copy['id']}/versions"))["items"] == []


async def test_the_longest_title_still_has_a_copy(resumes: Resumes) -> None:
    path = await resumes.make("x" * 200)
    copy = await resumes.done("POST", f"{path}/duplicate", {})
    assert copy["title"] == "x" * 193 + " (copy)"


async def test_the_same_key_makes_one_copy(resumes: Resumes) -> None:
    path, key = await resumes.make(), new_id().hex
    first = await resumes.call("POST", f"{path}/duplicate", {"title": "B"}, Idempotency_Key=key)
    again = await resumes.call("POST", f"{path}/duplicate", {"title": "B"}, Idempotency_Key=key)
    assert (again.content, again.headers["location"]) == (first.content, first.headers["location"])
    other = await resumes.call("POST", f"{path}/duplicate", {"title": "C"}, Idempotency_Key=key)
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert await resumes.titles(sort="title") == ["Ada", "B"]


async def test_what_is_in_the_trash_is_not_copied(resumes: Resumes) -> None:
    path = await resumes.make()
    await resumes.done("DELETE", path)
    assert (await resumes.call("POST", f"{path}/duplicate")).status_code == 404
