"""Sections one at a time: named for ever, headed and set as their writer likes, in the order of the document."""

from typing import Any

import pytest

DOCUMENT = {"basics": {"name": "Ada"}, "work": [{"name": "A"}, {"name": "B"}], "x": 1, "skills": ["x"]}


async def test_sections_are_the_lists_of_the_document(edit: Any) -> None:
    editor = await edit(DOCUMENT)
    sections = await editor.sections()
    assert list(sections) == ["work", "skills"]
    work = sections["work"]
    assert work == {
        "id": work["id"],
        "name": "work",
        "kind": "work",
        "title": None,
        "visible": True,
        "columns": 1,
        "pageBreakBefore": False,
        "keepTogether": False,
        "version": 1,
        "itemCount": 2,
    }
    answer = await editor.call("GET", f"sections/{work['id']}")
    assert answer.json() == work
    assert (answer.headers["etag"], answer.headers["x-resume-version"]) == ('"v1"', "1")


async def test_a_new_section_is_an_empty_list_at_the_end_of_the_document(edit: Any) -> None:
    editor = await edit(DOCUMENT)
    answer = await editor.call("POST", "sections", {"kind": "volunteer"})
    made = answer.json()
    assert (answer.status_code, made["name"], made["kind"]) == (201, "volunteer", "volunteer")
    assert (answer.headers["etag"], answer.headers["x-resume-version"]) == ('"v1"', "2")
    assert answer.headers["location"] == f"{editor.path}/sections/{made['id']}"
    assert list((await editor.content()).items()) == [*DOCUMENT.items(), ("volunteer", [])]
    assert await editor.get(f"sections/{made['id']}") == made


@pytest.mark.parametrize(
    ("beside", "order"),
    [
        ({"beforeId": "work"}, ["basics", "new", "work", "x", "skills"]),
        ({"afterId": "work"}, ["basics", "work", "x", "new", "skills"]),
        ({"beforeId": "skills"}, ["basics", "work", "x", "new", "skills"]),
        ({"afterId": "skills"}, ["basics", "work", "x", "skills", "new"]),
    ],
)
async def test_a_new_section_stands_where_it_is_put(edit: Any, beside: Any, order: list[str]) -> None:
    editor = await edit(DOCUMENT)
    sections = await editor.sections()
    place = {name: sections[section]["id"] for name, section in beside.items()}
    await editor.post("sections", kind="new", **place)
    content = await editor.content()
    assert list(content) == order
    assert list(await editor.sections()) == [name for name in order if name not in {"basics", "x"}]
    put = await editor.call("PUT", "content", content)
    assert put.json()["version"] == 2  # the document is what the sections are, so it changes nothing


async def test_a_section_without_a_name_takes_its_kind_with_a_number_if_that_is_taken(edit: Any) -> None:
    editor = await edit({"work": [], "work3": "not a list", "basics": {}})
    names = [(await editor.post("sections", kind="work"))["name"] for _ in range(3)]
    assert names == ["work2", "work4", "work5"]
    longest = "k" * 64
    names = [(await editor.post("sections", kind=longest))["name"] for _ in range(2)]
    assert names == [longest, "k" * 63 + "2"]
    assert (await editor.post("sections", kind="basics"))["name"] == "basics2"
    assert {section["kind"] for section in (await editor.sections()).values()} == {"work", longest, "basics"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("work", "SECTION_NAME_TAKEN"),
        ("x", "MEMBER_IS_NO_SECTION"),
        ("basics", "MEMBER_IS_NO_SECTION"),
        ("meta", "MEMBER_IS_NO_SECTION"),
    ],
)
async def test_a_name_that_the_document_has_is_refused(edit: Any, name: str, code: str) -> None:
    editor = await edit(DOCUMENT)
    assert await editor.refused("POST", "sections", {"kind": "work", "name": name}, status=409) == code
    assert await editor.content() == DOCUMENT


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": ""},
        {"kind": "1st"},
        {"kind": "a b"},
        {"kind": "work\n"},
        {"kind": "wörk"},
        {"kind": "k" * 65},
        {"kind": None},
        {"kind": "work", "name": "$schema"},
        {"kind": "work", "name": ""},
        {"kind": "work", "name": "a\u0000"},
        {"kind": "work", "title": ""},
        {"kind": "work", "title": "a\u0000b"},
        {"kind": "work", "title": "x" * 201},
        {"kind": "work", "columns": 0},
        {"kind": "work", "columns": 5},
        {"kind": "work", "columns": 1.5},
        {"kind": "work", "columns": "two"},
        {"kind": "work", "visible": 2},
        {"kind": "work", "beforeId": "x"},
        {"kind": "work", "items": []},
        [],
        "work",
        None,
    ],
)
async def test_what_is_no_section_is_refused(edit: Any, body: Any) -> None:
    editor = await edit({"skills": []})
    assert await editor.refused("POST", "sections", body, status=400) == "VALIDATION_FAILED"
    assert await editor.content() == {"skills": []}


async def test_how_a_section_is_set_is_no_part_of_the_document(edit: Any) -> None:
    editor = await edit(DOCUMENT)
    path = f"sections/{(await editor.sections())['work']['id']}"
    look = {
        "title": "Jobs",
        "visible": False,
        "columns": 4,
        "pageBreakBefore": True,
        "keepTogether": True,
        "kind": "volunteer",
    }
    changed = await editor.call("PATCH", path, look)
    assert changed.json() == (await editor.get(path)) | look
    assert (changed.headers["etag"], changed.headers["x-resume-version"]) == ('"v2"', "2")
    assert [item["kind"] for item in await editor.items("work")] == ["volunteer"] * 2
    content = await editor.call("GET", "content")
    assert list(content.json().items()) == list(DOCUMENT.items())
    assert content.headers["etag"] == '"v2"'
    await editor.call("PUT", "content", DOCUMENT | {"work": ["new"]})
    assert {name: (await editor.get(path))[name] for name in look} == look
    assert (await editor.patch(path, title=None))["title"] is None


async def test_a_change_that_changes_nothing_makes_no_version(edit: Any) -> None:
    editor = await edit(DOCUMENT)
    sections = await editor.sections()
    path = f"sections/{sections['skills']['id']}"
    for method, where, body in (
        ("PATCH", path, {}),
        ("PATCH", path, {"title": None, "visible": True, "columns": 1, "kind": "skills"}),
        ("POST", f"{path}/move", {}),
        ("POST", f"{path}/move", {"afterId": sections["work"]["id"]}),
    ):
        answer = await editor.call(method, where, body)
        assert (answer.headers["etag"], answer.headers["x-resume-version"]) == ('"v1"', "1")


async def test_a_deleted_section_leaves_the_document_with_its_items(edit: Any) -> None:
    editor = await edit(DOCUMENT)
    work, item = (await editor.sections())["work"], (await editor.items("work"))[0]
    answer = await editor.call("DELETE", f"sections/{work['id']}", status=204)
    assert answer.headers["x-resume-version"] == "2"
    assert list((await editor.content()).items()) == [pair for pair in DOCUMENT.items() if pair[0] != "work"]
    await editor.call("GET", f"sections/{work['id']}", status=404)
    await editor.call("GET", f"items/{item['id']}", status=404)
    again = await editor.post("sections", kind="work")
    assert (again["name"], again["itemCount"]) == ("work", 0)
    assert again["id"] != work["id"]


async def test_moving_sections_moves_them_in_the_document_and_nothing_else(edit: Any) -> None:
    editor = await edit({"a": [1], "x": 1, "b": [2], "basics": {}, "c": [3]})
    ids = {name: section["id"] for name, section in (await editor.sections()).items()}
    for moved, place, order in (
        ("c", {"beforeId": ids["a"]}, "c x a basics b"),
        ("c", {"afterId": ids["a"]}, "a x c basics b"),
        ("a", {}, "c x b basics a"),
    ):
        answer = await editor.call("POST", f"sections/{ids[moved]}/move", place)
        assert answer.json()["name"] == moved
        assert list(await editor.content()) == order.split()
        assert list(await editor.sections()) == [name for name in order.split() if name in ids]
    assert await editor.content() == {"a": [1], "x": 1, "b": [2], "basics": {}, "c": [3]}


async def test_a_resume_has_a_hundred_sections_at_most(edit: Any) -> None:
    editor = await edit({f"s{n}": [n] for n in range(99)})
    await editor.post("sections", kind="last")
    assert await editor.refused("POST", "sections", {"kind": "more"}, status=422) == "TOO_MANY_SECTIONS"
    page = await editor.get("sections")
    assert (len(page["items"]), page["nextCursor"]) == (100, None)


async def test_sections_are_listed_in_pages(edit: Any) -> None:
    editor = await edit({f"s{n}": [] for n in range(5)})
    seen, cursor = [], ""
    while True:
        page = await editor.get(f"sections?limit=2{cursor}")
        seen += [section["name"] for section in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
        await editor.call("DELETE", f"sections/{page['items'][-1]['id']}")
    assert seen == [f"s{n}" for n in range(5)]
    assert await editor.refused("GET", "sections?cursor=x", status=400) == "VALIDATION_FAILED"
