"""Comments and replies: what they are about, who may change them, and that they are not lost."""

from typing import Any

import httpx
import pytest

from api.comments import service
from common.ids import new_id


async def test_a_comment_is_on_the_whole_the_basics_a_section_or_an_item(reviewed: Any) -> None:
    section, [item, _] = await reviewed.section("work"), await reviewed.ids()
    anchors: list[dict[str, Any]] = [
        {},
        {"target": "resume"},
        {"target": "basics", "path": "/summary", "quote": "the first"},
        {"target": "section", "sectionId": section},
        {"target": "item", "itemId": item, "path": "/highlights/1", "quote": "Note G"},
        {"target": "item", "itemId": item, "quote": "Bernoulli"},
    ]
    for anchor in anchors:
        made = await reviewed.note(anchor=anchor)
        whole = {"target": "resume", "sectionId": None, "itemId": None, "path": None, "quote": None}
        expected = whole | anchor | {"isOrphaned": False}
        if anchor.get("itemId"):
            expected["sectionId"] = section
        assert made["anchor"] == expected
        assert await reviewed.comment(made) == made


@pytest.mark.parametrize(
    "anchor",
    [
        {"target": "item"},
        {"target": "section"},
        {"target": "item", "itemId": "NOWHERE"},
        {"target": "section", "sectionId": "NOWHERE"},
        {"target": "basics", "path": "/nothing"},
        {"target": "basics", "path": "/summary/0"},
        {"target": "basics", "path": "/summary", "quote": "never said"},
        {"target": "resume", "path": "/work"},
        {"target": "item", "itemId": "ITEM", "path": "/highlights/2"},
        {"target": "item", "itemId": "ITEM", "path": "/highlights/01"},
        {"target": "item", "itemId": "ITEM", "sectionId": "SECTION"},
    ],
)
async def test_what_is_not_there_cannot_be_commented(reviewed: Any, anchor: dict[str, str]) -> None:
    names = {
        "ITEM": (await reviewed.ids())[0],
        "SECTION": await reviewed.section("work"),
        "NOWHERE": str(new_id()),
    }
    body = {"text": "?", "anchor": {name: names.get(value, value) for name, value in anchor.items()}}
    answer = await reviewed.client.post(f"{reviewed.path}/comments", json=body, headers=reviewed.owner)
    assert (answer.status_code, answer.json()["code"]) == (422, "ANCHOR_NOT_FOUND"), answer.text
    assert await reviewed.comments() == []


async def test_a_comment_survives_edits_and_moves_of_its_item(reviewed: Any) -> None:
    item = (await reviewed.ids())[0]
    made = await reviewed.note(anchor={"target": "item", "itemId": item, "path": "/name"})
    await reviewed.change(item, name="Another Engine")
    body = {"sectionId": await reviewed.section("skills")}
    moved = await reviewed.client.post(
        f"{reviewed.path}/items/{item}/move", json=body, headers=reviewed.owner
    )
    assert moved.status_code == 200, moved.text
    anchor = (await reviewed.comment(made))["anchor"]
    assert anchor["isOrphaned"] is False
    assert (anchor["itemId"], anchor["sectionId"]) == (item, body["sectionId"])


async def test_a_comment_outlives_its_item_and_is_about_it_again_after_a_restore(reviewed: Any) -> None:
    item = (await reviewed.ids())[0]
    made = await reviewed.note(anchor={"target": "item", "itemId": item})
    version = await reviewed.client.post(f"{reviewed.path}/versions", headers=reviewed.owner)
    gone = await reviewed.client.delete(f"{reviewed.path}/items/{item}", headers=reviewed.owner)
    assert gone.is_success
    assert (await reviewed.comment(made))["anchor"]["isOrphaned"] is True
    [part] = (await _summary(reviewed))["parts"]
    assert (part["itemId"], part["isOrphaned"]) == (item, True)
    path = f"/api/v1/versions/{version.json()['id']}/restore"
    restored = await reviewed.client.post(path, headers=reviewed.owner)
    assert restored.is_success, restored.text
    assert (await reviewed.comment(made))["anchor"]["isOrphaned"] is False


async def test_threads_have_replies_one_deep_and_are_resolved_and_opened_again(reviewed: Any) -> None:
    made = await reviewed.note()
    first = await reviewed.act(made, "replies", {"text": "Yes.\r\nI will. "})
    assert first.status_code == 201, first.text
    second = await reviewed.act(first.json(), "replies", {"text": "Done."})
    thread = await reviewed.comment(made)
    assert [reply["text"] for reply in thread["replies"]] == ["Yes.\nI will.", "Done."]
    assert await reviewed.comment(second.json()) == thread
    resolved = await reviewed.act(made, "resolve")
    assert resolved.json()["state"] == "resolved"
    again = await reviewed.act(made, "resolve", {"resolved": True})
    assert again.json() == resolved.json()
    assert await reviewed.comments(state="open") == []
    assert [found["id"] for found in await reviewed.comments(state="resolved")] == [made["id"]]
    await reviewed.act(first.json(), "resolve", {"resolved": False})  # by any of its comments
    assert [found["id"] for found in await reviewed.comments(state="open")] == [made["id"]]


@pytest.mark.parametrize(("name", "value"), [("state", "bogus"), ("itemId", "x"), ("limit", "0")])
async def test_what_no_list_can_be_asked_for_is_named(reviewed: Any, name: str, value: str) -> None:
    path = f"{reviewed.path}/comments"
    answer = await reviewed.client.get(path, params={name: value}, headers=reviewed.owner)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, f"$.{name}")


async def test_threads_are_listed_newest_first_a_page_at_a_time(reviewed: Any) -> None:
    item = (await reviewed.ids())[0]
    made = [(await reviewed.note(f"n{n}"))["id"] for n in range(5)]
    on_item = await reviewed.note(anchor={"target": "item", "itemId": item})
    found, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = (
            await reviewed.client.get(f"{reviewed.path}/comments", params=query, headers=reviewed.owner)
        ).json()
        found += [comment["id"] for comment in answer["items"]]
        if (cursor := answer["nextCursor"]) is None:
            break
    assert found == [on_item["id"], *reversed(made)]
    assert [comment["id"] for comment in await reviewed.comments(itemId=item)] == [on_item["id"]]


async def test_the_open_ones_are_counted_part_by_part(reviewed: Any) -> None:
    item = (await reviewed.ids())[0]
    anchor = {"target": "item", "itemId": item}
    await reviewed.note(anchor=anchor)
    await reviewed.note(anchor=anchor, suggestion={"fields": {"name": "X"}})
    await reviewed.note()
    done = await reviewed.note(anchor=anchor)
    await reviewed.act(done, "resolve")
    summary = await _summary(reviewed)
    assert (summary["comments"], summary["suggestions"]) == (3, 1)
    parts = {part["itemId"]: (part["comments"], part["suggestions"]) for part in summary["parts"]}
    assert parts == {item: (2, 1), None: (1, 0)}


async def _summary(reviewed: Any) -> dict[str, Any]:
    answer = await reviewed.client.get(f"{reviewed.path}/comments/summary", headers=reviewed.owner)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_one_said_can_be_changed_by_its_version_and_taken_back(reviewed: Any) -> None:
    made = await reviewed.note()
    path = f"/api/v1/comments/{made['id']}"
    changed = await reviewed.client.patch(
        path, json={"text": "Else."}, headers=reviewed.owner | {"If-Match": '"v1"'}
    )
    assert (changed.status_code, changed.headers["etag"]) == (200, '"v2"'), changed.text
    assert changed.json()["text"] == "Else."
    assert changed.json()["editedAt"] is not None
    stale = await reviewed.client.patch(
        path, json={"text": "No."}, headers=reviewed.owner | {"If-Match": '"v1"'}
    )
    assert stale.status_code == 412
    assert (await reviewed.client.delete(path, headers=reviewed.owner)).status_code == 204
    assert (await reviewed.client.get(path, headers=reviewed.owner)).status_code == 404


@pytest.mark.parametrize("text", ["", "  \n", "x" * 5001, "a\x00b", "\x1b[31m"])
async def test_a_comment_says_something_in_plain_text_of_bounded_length(reviewed: Any, text: str) -> None:
    answer = await reviewed.client.post(
        f"{reviewed.path}/comments", json={"text": text}, headers=reviewed.owner
    )
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] == "VALIDATION_FAILED"


async def test_html_is_kept_as_the_letters_that_it_is(reviewed: Any) -> None:
    text = "<script>alert(1)</script> & <b>bold</b>\n\tÅström 山"
    assert (await reviewed.note(text))["text"] == text


async def test_one_key_makes_one_comment(reviewed: Any) -> None:
    headers = reviewed.owner | {"Idempotency-Key": "one"}
    path = f"{reviewed.path}/comments"
    first, again = [await reviewed.client.post(path, json={"text": "x"}, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    assert first.headers["location"] == f"/api/v1/comments/{first.json()['id']}"
    assert len(await reviewed.comments()) == 1


async def test_comments_go_with_their_resume_to_the_trash_and_back(reviewed: Any) -> None:
    made = await reviewed.note()
    path = f"/api/v1/comments/{made['id']}"
    await reviewed.client.delete(reviewed.path, headers=reviewed.owner)
    assert (await reviewed.client.get(path, headers=reviewed.owner)).status_code == 404
    await reviewed.client.post(f"{reviewed.path}/restore", headers=reviewed.owner)
    assert (await reviewed.comment(made))["text"] == made["text"]


async def test_a_locked_resume_can_be_commented(reviewed: Any) -> None:
    await reviewed.client.put(f"{reviewed.path}/lock", json={"locked": True}, headers=reviewed.owner)
    assert (await reviewed.note())["state"] == "open"


async def test_there_are_only_so_many_replies(reviewed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_REPLIES", 2)
    made = await reviewed.note()
    statuses = [(await reviewed.act(made, "replies", {"text": "x"})).status_code for _ in range(3)]
    assert statuses == [201, 201, 422]


async def test_what_is_said_changes_nothing_of_the_resume(
    reviewed: Any, client: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    before = await client.get(f"{reviewed.path}/content", headers=owner)
    await reviewed.note()
    after = await client.get(f"{reviewed.path}/content", headers=owner)
    assert (before.headers["etag"], before.content) == (after.headers["etag"], after.content)
