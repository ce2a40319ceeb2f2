"""Facts as resumes use them."""

from typing import Any
from uuid import uuid4

import pytest

from api.contents.models import Section

JOB = {"name": "Analytical Engines", "position": "Programmer", "startDate": "1842"}


async def test_a_resume_says_what_the_library_says_but_in_its_own_words(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    resume, item = await use(path, fields={"position": "Countess", "url": "https://a.example"})
    assert await library.content(resume) == {
        "work": [JOB | {"position": "Countess", "url": "https://a.example"}]
    }
    found = (await library.uses(path))[item]
    assert (found["state"], found["overrides"], found["changes"]) == ("current", ["position", "url"], [])
    assert (found["resumeTitle"], found["visible"]) == ("Ada", True)
    assert f"/api/v1/resumes/{found['resumeId']}" == resume
    assert (await library.made("GET", path))["uses"] == 1


async def test_a_use_comes_where_it_is_put(library: Any, make_resume: Any, rows: Any) -> None:
    path = await library.item("new")
    resume = await make_resume(content={"work": ["a", "b"]})
    section = (await rows(resume, Section))[0].id
    a, b = [str(row.id) for row in await rows(resume)]
    at = f"{resume}/sections/{section}/library-items"
    key = {"libraryItemId": path.rsplit("/", 1)[1]}
    for body in ({"beforeId": a}, {"afterId": a}, {"beforeId": b, "visible": False}, {}):
        await library.made("POST", at, key | body)
    assert (await library.content(resume))["work"] == ["new", "a", "new", "new", "b", "new"]
    assert [row.visible for row in await rows(resume)] == [True, True, True, False, True, True]
    wrong = await library.call("POST", at, key | {"afterId": str(uuid4())})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "NEIGHBOUR_NOT_FOUND")


async def test_an_item_of_a_resume_becomes_a_fact_and_its_use(
    library: Any, make_resume: Any, rows: Any
) -> None:
    resume = await make_resume(content={"work": [JOB]})
    item = str((await rows(resume))[0].id)
    body = {"resumeId": resume.rsplit("/", 1)[1], "fromItemId": item, "name": "Engines"}
    made = await library.made("POST", library.PATH, body)
    assert (made["data"], made["kind"], made["name"], made["uses"]) == (JOB, "work", "Engines", 1)
    again = await library.call("POST", library.PATH, body)
    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_IN_LIBRARY")
    assert await library.content(resume) == {"work": [JOB]}


async def test_an_edit_in_a_resume_changes_neither_the_library_nor_other_resumes(
    library: Any, use: Any
) -> None:
    path = await library.item(JOB)
    (one, item), (other, _) = await use(path), await use(path)
    await library.made("PUT", f"{one}/content", {"work": [JOB | {"position": "Countess"}]})
    assert (await library.made("GET", path))["data"] == JOB
    assert await library.content(other) == {"work": [JOB]}
    assert (await library.uses(path))[item]["overrides"] == ["position"]


async def test_a_change_of_the_library_is_offered_and_shown(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    resume, item = await use(path)
    await library.change(path, {"name": "Engines", "position": "Programmer", "url": "u"})
    found = (await library.uses(path))[item]
    assert found["state"] == "outdated"
    assert found["changes"] == [
        {"name": "name", "before": "Analytical Engines", "after": "Engines"},
        {"name": "startDate", "before": "1842"},
        {"name": "url", "after": "u"},
    ]
    assert await library.content(resume) == {"work": [JOB]}
    await library.change(path, JOB)
    assert (await library.uses(path))[item]["state"] == "current"


async def test_a_new_name_makes_no_use_outdated(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    _, item = await use(path)
    await library.made("PATCH", path, {"name": "Other"})
    assert (await library.uses(path))[item]["state"] == "current"


async def test_linking_keeps_what_the_item_says(library: Any, make_resume: Any, rows: Any) -> None:
    path = await library.item(JOB)
    resume = await make_resume(content={"work": [JOB | {"name": "Mine"}]})
    item = str((await rows(resume))[0].id)
    key = {"libraryItemId": path.rsplit("/", 1)[1]}
    for _ in range(2):
        linked = await library.made("PUT", f"{resume}/items/{item}/library", key)
        assert linked["links"]["library"] == {
            "id": key["libraryItemId"],
            "state": "current",
            "overrides": ["name"],
        }
    assert await library.content(resume) == {"work": [JOB | {"name": "Mine"}]}
    await library.made("DELETE", f"{resume}/items/{item}/library")
    assert await library.uses(path) == {}
    assert await library.content(resume) == {"work": [JOB | {"name": "Mine"}]}


async def test_linking_again_does_not_hide_that_a_use_is_outdated(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    resume, item = await use(path)
    await library.change(path, {})
    body = {"libraryItemId": path.rsplit("/", 1)[1]}
    linked = await library.made("PUT", f"{resume}/items/{item}/library", body)
    assert linked["links"]["library"]["state"] == "outdated"


async def test_only_items_of_one_kind_are_linked(library: Any, make_resume: Any, rows: Any) -> None:
    body = {"libraryItemId": (await library.item(JOB, kind="projects")).rsplit("/", 1)[1]}
    resume = await make_resume(content={"work": [JOB]})
    item, section = (await rows(resume))[0].id, (await rows(resume, Section))[0].id
    for answer in (
        await library.call("PUT", f"{resume}/items/{item}/library", body),
        await library.call("POST", f"{resume}/sections/{section}/library-items", body),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "LIBRARY_KIND_DIFFERS")


async def test_what_uses_a_deleted_fact_keeps_what_it_says(library: Any, use: Any, rows: Any) -> None:
    path = await library.item(JOB)
    resume, _ = await use(path, fields={"name": "Mine"})
    assert (await library.call("DELETE", path, if_match='"v7"')).status_code == 412
    assert (await library.call("DELETE", path, if_match='"v1"')).status_code == 204
    assert (await library.call("GET", path)).status_code == 404
    assert await library.content(resume) == {"work": [JOB | {"name": "Mine"}]}
    row = (await rows(resume))[0]
    assert (row.library_item_id, row.library_version, row.library_base) == (None, None, None)


async def test_a_resume_in_the_trash_is_no_use(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    resume, _ = await use(path)
    await library.made("DELETE", resume)
    assert await library.uses(path) == {}
    assert (await library.made("GET", path))["uses"] == 0


async def test_the_link_outlives_a_put_of_the_whole_and_a_restored_version(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    resume, item = await use(path)
    kept = await library.made("POST", f"{resume}/versions")
    await library.made("PUT", f"{resume}/content", {"skills": ["x"], "work": ["first", JOB | {"name": "B"}]})
    assert list(await library.uses(path)) == [item]
    await library.made("POST", f"/api/v1/versions/{kept['id']}/restore")
    assert await library.content(resume) == {"work": [JOB]}
    assert list(await library.uses(path)) == [item]


async def test_a_duplicate_uses_the_same_facts(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    resume, _ = await use(path, fields={"name": "Mine"})
    copy = await library.made("POST", f"{resume}/duplicate")
    found = await library.uses(path)
    assert {use["resumeId"] for use in found.values()} == {resume.rsplit("/", 1)[1], copy["id"]}
    assert {tuple(use["overrides"]) for use in found.values()} == {("name",)}


async def test_a_link_is_seen_by_who_has_the_item_already(library: Any, make_resume: Any, rows: Any) -> None:
    path = await library.item(JOB)
    resume = await make_resume(content={"work": [JOB]})
    at = f"{resume}/items/{(await rows(resume))[0].id}"
    for change in (
        ("PUT", f"{at}/library", {"libraryItemId": path.rsplit("/", 1)[1]}),
        ("DELETE", f"{at}/library", None),
        ("PUT", f"{at}/library", {"libraryItemId": path.rsplit("/", 1)[1]}),
        ("DELETE", path, None),
    ):
        known = (await library.call("GET", at)).headers["etag"]
        await library.made(*change)
        assert (await library.call("GET", at, if_none_match=known)).status_code == 200, change


async def test_a_locked_resume_is_not_linked(library: Any, use: Any, lock: Any) -> None:
    path = await library.item(JOB)
    resume, item = await use(path)
    await lock(resume)
    body = {"libraryItemId": path.rsplit("/", 1)[1]}
    for answer in (
        await library.call("PUT", f"{resume}/items/{item}/library", body),
        await library.call("DELETE", f"{resume}/items/{item}/library"),
        await library.call("POST", f"{resume}/items/{item}/library/publish"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (423, "RESUME_LOCKED")


@pytest.mark.parametrize("data", ["text", None, [1]])
async def test_what_is_no_object_has_no_fields(
    library: Any, use: Any, make_resume: Any, rows: Any, data: Any
) -> None:
    path = await library.item(data)
    resume = await make_resume(content={"work": []})
    section = (await rows(resume, Section))[0].id
    body = {"libraryItemId": path.rsplit("/", 1)[1], "fields": {"a": 1}}
    answer = await library.call("POST", f"{resume}/sections/{section}/library-items", body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "$.fields")


async def test_an_item_tells_how_it_stands_to_the_library(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    resume, item = await use(path, fields={"name": "Mine"})
    at, key = f"{resume}/items/{item}", path.rsplit("/", 1)[1]
    first = await library.call("GET", at)
    assert first.json()["links"]["library"] == {"id": key, "state": "current", "overrides": ["name"]}
    await library.change(path, {})
    again = await library.call("GET", at, if_none_match=first.headers["etag"])
    assert again.json()["links"]["library"]["state"] == "outdated"
    changed = await library.made("PATCH", at, {"fields": {"name": "Analytical Engines"}})
    assert changed["links"]["library"]["overrides"] == []
    listed = (await library.made("GET", f"{resume}/experiences"))["items"]
    assert listed[0]["links"] == changed["links"]


async def test_the_list_counts_the_uses_as_they_are(library: Any, use: Any) -> None:
    """It is cached until something of its owner's changes, be it how an item stands to the library alone."""
    path = await library.item(JOB)
    resume, item = await use(path)
    at, body = f"{resume}/items/{item}/library", {"libraryItemId": path.rsplit("/", 1)[1]}
    section = (await library.made("GET", f"{resume}/items/{item}"))["sectionId"]

    async def counted(uses: int) -> None:
        for _ in range(2):
            (listed,) = (await library.made("GET", library.PATH))["items"]
            assert listed["uses"] == uses

    await counted(1)
    await library.made("DELETE", at)
    await counted(0)
    await library.made("PUT", at, body)
    await counted(1)
    kept = (await library.made("POST", f"{resume}/versions"))["id"]
    await library.made("PUT", f"{resume}/content", {"work": []})
    await counted(0)
    await library.made("POST", f"/api/v1/versions/{kept}/restore")
    await counted(0)
    await library.made("POST", f"{resume}/sections/{section}/library-items", body)
    await counted(1)
    await library.made("DELETE", f"{resume}/sections/{section}")
    await counted(0)
    resume, item = await use(path)
    await counted(1)
    await library.made("POST", f"{resume}/duplicate", {})
    await counted(2)
    await library.made("DELETE", resume)
    await counted(1)
    await library.made("POST", f"{resume}/restore")
    await counted(2)
    await library.made("DELETE", resume)
    await library.made("DELETE", f"{resume}?permanently=true")
    await counted(1)
