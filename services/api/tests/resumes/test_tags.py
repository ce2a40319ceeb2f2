"""Tags: words that their owner puts on resumes."""

import unicodedata
from typing import Any

import pytest

TAGS = "/api/v1/tags"
Resumes = Any


async def tags_of(resumes: Resumes, path: str) -> list[str]:
    return list((await resumes.read(path))["tags"])


async def test_tags_keep_their_order_and_case(resumes: Resumes) -> None:
    path = await resumes.make(tags=["Zeta", "alpha", "🚀", "Ünder"])
    assert await tags_of(resumes, path) == ["Zeta", "alpha", "🚀", "Ünder"]
    await resumes.done("PATCH", path, {"tags": ["alpha", "Zeta"]})
    assert await tags_of(resumes, path) == ["alpha", "Zeta"]
    await resumes.done("PATCH", path, {"tags": []})
    assert await tags_of(resumes, path) == []


async def test_tags_are_trimmed_composed_and_each_once(resumes: Resumes) -> None:
    decomposed = unicodedata.normalize("NFD", "Zürich")
    path = await resumes.make(
        tags=["  Remote ", "REMOTE", "remote", decomposed, "Zürich", "STRASSE", "straße"]
    )
    assert await tags_of(resumes, path) == ["Remote", "Zürich", "STRASSE"]


async def test_a_tag_that_grows_when_it_is_composed_is_refused(resumes: Resumes) -> None:
    body = {"title": "A", "tags": ["\u0958" * 50]}  # its composed form is twice as long
    refused = await resumes.call("POST", "/api/v1/resumes", body)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["path"] == "$.tags[0]"


async def test_a_tag_may_change_its_case(resumes: Resumes) -> None:
    path = await resumes.make(tags=["go"])
    assert (await resumes.done("PATCH", path, {"tags": ["Go"]}))["tags"] == ["Go"]
    assert (await resumes.read(TAGS))["items"] == [{"name": "Go", "count": 1}]


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (["red"], ["B", "A"]),
        (["RED"], ["B", "A"]),
        (["red", "Blue"], ["B"]),
        (["blue", "none"], []),
        (["🚀"], ["C"]),
        ([" zürich "], ["C"]),
        (["%"], []),
        (["_ed"], []),
        ([""], []),
    ],
)
async def test_lists_find_what_has_all_of_the_tags(
    resumes: Resumes, tags: list[str], found: list[str]
) -> None:
    await resumes.make("A", tags=["Red"])
    await resumes.make("B", tags=["red", "blue"])
    await resumes.make("C", tags=["🚀", "ZÜRICH"])
    assert await resumes.titles(tag=tags) == found


async def test_tags_are_counted_for_their_owner_without_the_trash(resumes: Resumes, others: Resumes) -> None:
    await resumes.make(tags=["b", "A"])
    await resumes.make(tags=["B", "c"])
    gone = await resumes.make(tags=["c", "d"])
    await others.make(tags=["a", "theirs"])
    await resumes.done("DELETE", gone)
    counts = {"A": 1, "B": 2, "c": 1}
    listed = (await resumes.read(TAGS))["items"]
    assert {tag["name"]: tag["count"] for tag in listed} == counts
    assert [tag["name"] for tag in listed] == ["A", "B", "c"]
    assert [tag["name"] for tag in (await others.read(TAGS))["items"]] == ["a", "theirs"]


async def test_the_tags_come_in_pages(resumes: Resumes) -> None:
    names = sorted(f"tag {number:02}" for number in range(15))
    await resumes.make(tags=names[:10])
    await resumes.make(tags=names[5:])
    found, cursor = [], ""
    while cursor is not None:
        page = await resumes.read(f"{TAGS}?limit=4{f'&cursor={cursor}' if cursor else ''}")
        found += [tag["name"] for tag in page["items"]]
        cursor = page["nextCursor"]
    assert found == names


@pytest.mark.parametrize("cursor", ["%C3%A9", "AA", "x", "_w", "gICA"])
async def test_a_made_up_cursor_of_tags_is_refused(resumes: Resumes, cursor: str) -> None:
    refused = await resumes.call("GET", f"{TAGS}?cursor={cursor}")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["path"] == "$.cursor"
