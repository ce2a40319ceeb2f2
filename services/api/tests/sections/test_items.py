"""Items one at a time: any JSON, changed whole or by single members, each with a version of its own."""

from typing import Any

import pytest

from common.ids import new_id

VALUES = [None, True, 0, -1.5, "", "text", "\u0000", [], [1, [2]], {}, {"a": {"b": [None]}, "": 0}]


@pytest.mark.parametrize("data", VALUES)
async def test_an_item_may_be_any_json(edit: Any, data: Any) -> None:
    editor = await edit({"work": [1]})
    section = (await editor.sections())["work"]
    answer = await editor.call("POST", f"sections/{section['id']}/items", {"data": data})
    item = answer.json()
    assert item == {
        "id": item["id"],
        "sectionId": section["id"],
        "kind": "work",
        "data": data,
        "visible": True,
        "version": 1,
        "links": {"library": None, "counterpartId": None},
    }
    assert answer.status_code == 201
    assert (answer.headers["etag"], answer.headers["x-resume-version"]) == ('"v1"', "2")
    assert answer.headers["location"] == f"{editor.path}/items/{item['id']}"
    assert await editor.get(f"items/{item['id']}") == item
    assert await editor.content() == {"work": [1, data]}
    for other in VALUES:
        await editor.patch(f"items/{item['id']}", data=other)
        assert await editor.content() == {"work": [1, other]}


async def test_numbers_come_back_as_they_were_written(edit: Any) -> None:
    editor = await edit({"work": [{"kept": 1}]})
    item = (await editor.items("work"))[0]
    numbers = '{"a":1E+400,"b":0.1000000000000000000001,"c":100000000000000000000000,"d":1.0}'
    for body in (f'{{"data": {numbers}}}', f'{{"fields": {{"e": {numbers}}}}}'):
        answer = await editor.client.patch(
            f"{editor.path}/items/{item['id']}", content=body, headers=editor.headers
        )
        assert answer.status_code == 200, answer.text
        assert numbers in answer.text
    content = await editor.call("GET", "content")
    assert content.text == f'{{"work":[{numbers[:-1]},"e":{numbers}}}]}}'


async def test_single_members_change_and_the_others_and_their_order_stay(edit: Any) -> None:
    editor = await edit({"work": [{"z": 1, "name": "A", "mine": {"x": [1]}, "a": 2}, "other"]})
    path = f"items/{(await editor.items('work'))[0]['id']}"
    changed = await editor.patch(path, fields={"name": "B", "new": None}, remove=["z", "missing"])
    assert list(changed["data"].items()) == [("name", "B"), ("mine", {"x": [1]}), ("a", 2), ("new", None)]
    assert changed["version"] == 2
    assert (await editor.content())["work"] == [changed["data"], "other"]
    same = await editor.patch(path, fields={"name": "B"}, remove=["missing"], visible=True)
    assert same["version"] == 2
    assert (await editor.patch(path, remove=list(changed["data"])))["data"] == {}
    assert (await editor.patch(path, fields={"\u0000": "\u0000"}))["data"] == {"\u0000": "\u0000"}


@pytest.mark.parametrize(
    ("data", "edit_", "code", "path"),
    [
        ({}, {"data": 1, "fields": {}}, "VALIDATION_FAILED", "$.data"),
        ({}, {"data": 1, "remove": []}, "VALIDATION_FAILED", "$.data"),
        ({}, {"fields": {"a": 1}, "remove": ["a"]}, "VALIDATION_FAILED", "$.remove"),
        (None, {"fields": {"a": 1}}, "ENTRY_IS_NO_OBJECT", "$.fields"),
        ([1], {"remove": ["a"]}, "ENTRY_IS_NO_OBJECT", "$.fields"),
        ("text", {"fields": {}}, "ENTRY_IS_NO_OBJECT", "$.fields"),
    ],
)
async def test_an_edit_that_makes_no_sense_is_refused(
    edit: Any, data: Any, edit_: Any, code: str, path: str
) -> None:
    editor = await edit({"work": [data]})
    item = (await editor.items("work"))[0]
    answer = await editor.call("PATCH", f"items/{item['id']}", edit_, status=422)
    assert (answer.json()["code"], answer.json()["errors"][0]["path"]) == (code, path)
    assert await editor.get(f"items/{item['id']}") == item


@pytest.mark.parametrize(
    "body",
    [
        {"fields": []},
        {"fields": 1},
        {"remove": "a"},
        {"remove": [1]},
        {"visible": 7},
        {"kind": "x"},
        [],
        None,
    ],
)
async def test_what_is_no_edit_is_refused(edit: Any, body: Any) -> None:
    editor = await edit({"work": [{}]})
    item = (await editor.items("work"))[0]
    assert await editor.refused("PATCH", f"items/{item['id']}", body, status=400) == "VALIDATION_FAILED"
    section = item["sectionId"]
    assert await editor.refused("POST", f"sections/{section}/items", {"visible": True}, status=400)
    assert await editor.get(f"items/{item['id']}") == item


async def test_a_hidden_item_stays_in_the_document(edit: Any) -> None:
    editor = await edit({"work": ["a", "b"]})
    first = (await editor.items("work"))[0]
    hidden = await editor.patch(f"items/{first['id']}", visible=False)
    assert hidden == first | {"visible": False, "version": 2}
    content = await editor.call("GET", "content")
    assert (content.json(), content.headers["etag"]) == ({"work": ["a", "b"]}, '"v2"')


async def test_a_deleted_item_leaves_the_document(edit: Any) -> None:
    editor = await edit({"work": ["a", "b"]})
    first = (await editor.items("work"))[0]
    answer = await editor.call("DELETE", f"items/{first['id']}", status=204)
    assert answer.headers["x-resume-version"] == "2"
    await editor.call("DELETE", f"items/{first['id']}", status=404)
    assert await editor.content() == {"work": ["b"]}


@pytest.mark.parametrize("what", ["item", "section"])
async def test_what_is_deleted_is_kept_in_a_version(edit: Any, what: str) -> None:
    editor = await edit({"work": ["a", "b"], "skills": []})
    item = (await editor.items("work"))[0]
    path = f"items/{item['id']}" if what == "item" else f"sections/{item['sectionId']}"
    await editor.call("DELETE", path)
    versions = (await editor.get("versions"))["items"]
    assert [version["reason"] for version in versions] == ["automatic"]
    kept = await editor.client.get(f"/api/v1/versions/{versions[0]['id']}", headers=editor.headers)
    assert kept.json()["content"] == {"work": ["a", "b"], "skills": []}
    await editor.call("DELETE", f"sections/{(await editor.sections())['skills']['id']}")
    assert len((await editor.get("versions"))["items"]) == 1  # an empty section takes nothing along


async def test_edits_of_other_items_do_not_conflict_and_of_the_same_do(edit: Any) -> None:
    editor = await edit({"work": [{"n": 0}, {"n": 0}]})
    one, two = await editor.items("work")
    await editor.patch(f"items/{one['id']}", fields={"n": 1})
    await editor.post(f"sections/{one['sectionId']}/items", data="new")
    await editor.call("PATCH", f"items/{two['id']}", {"fields": {"n": 1}}, If_Match='"v1"')
    for method, path, body in (
        ("PATCH", f"items/{one['id']}", {"fields": {"n": 2}}),
        ("POST", f"items/{one['id']}/move", {}),
        ("DELETE", f"items/{one['id']}", None),
    ):
        code = await editor.refused(method, path, body, status=412, If_Match='"v1"')
        assert code == "VERSION_CONFLICT"
    assert (await editor.content())["work"] == [{"n": 1}, {"n": 1}, "new"]


async def test_a_part_that_is_known_is_not_sent_again(edit: Any) -> None:
    editor = await edit({"work": ["a"]})
    item = (await editor.items("work"))[0]
    item_path, section_path = f"items/{item['id']}", f"sections/{item['sectionId']}"
    for path in (item_path, section_path):
        answer = await editor.call("GET", path, status=304, If_None_Match='"v1"')
        assert (answer.content, answer.headers["x-resume-version"]) == (b"", "1")
    await editor.patch(item_path, data="b")
    assert (await editor.call("GET", item_path, If_None_Match='"v1"')).status_code == 200
    await editor.call("GET", section_path, status=304, If_None_Match='"v1"')
    await editor.post(f"{section_path}/items", data="c")
    assert (await editor.call("GET", section_path, If_None_Match='"v1"')).json()["itemCount"] == 2


@pytest.mark.parametrize("change", ["add", "delete", "move away", "move here", "put"])
async def test_a_section_is_not_deleted_with_items_that_its_reader_has_not_seen(
    edit: Any, change: str
) -> None:
    editor = await edit({"work": ["a", "b"], "skills": ["c"]})
    sections = await editor.sections()
    work, skills = sections["work"]["id"], sections["skills"]["id"]
    item, other = (await editor.items("work"))[0]["id"], (await editor.items("skills"))[0]["id"]
    if change == "add":
        await editor.post(f"sections/{work}/items", data="new")
    elif change == "delete":
        await editor.call("DELETE", f"items/{item}")
    elif change == "move away":
        await editor.post(f"items/{item}/move", sectionId=skills)
    elif change == "move here":
        await editor.post(f"items/{other}/move", sectionId=work)
    else:
        await editor.call("PUT", "content", {"work": ["a"], "skills": ["c"]})
    assert await editor.refused("DELETE", f"sections/{work}", status=412, If_Match='"v1"')
    await editor.call("DELETE", f"sections/{work}", If_Match='"v2"')


async def test_the_same_key_adds_once(edit: Any) -> None:
    editor = await edit({"work": []})
    section = (await editor.sections())["work"]["id"]
    for path, body in ((f"sections/{section}/items", {"data": 1}), ("sections", {"kind": "new"})):
        key = new_id().hex
        first, again = [await editor.call("POST", path, body, Idempotency_Key=key) for _ in range(2)]
        assert first.content == again.content
        assert first.headers["location"] == again.headers["location"]
        assert first.headers["etag"] == again.headers["etag"]
        assert again.headers["idempotent-replayed"] == "true"
    assert await editor.content() == {"work": [1], "new": []}
