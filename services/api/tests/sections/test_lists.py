"""Items in pages: of one section, and of one kind over all sections."""

from typing import Any

import pytest

from api.sections.item_routes import KINDS


async def walk(editor: Any, path: str, limit: int, between: Any = None) -> list[Any]:
    """All that the list says, page by page; `between` is done after the first."""
    seen: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await editor.get(f"{path}?limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        assert len(page["items"]) <= limit
        if between is not None and not cursor:
            await between(page["items"])
        seen += [item["data"] for item in page["items"]]
        cursor = page["nextCursor"]
    return seen


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 100])
async def test_items_of_a_section_come_in_order(edit: Any, limit: int) -> None:
    editor = await edit({"work": list(range(7)), "skills": ["x"]})
    section = (await editor.sections())["work"]["id"]
    assert await walk(editor, f"sections/{section}/items", limit) == list(range(7))


async def test_pages_go_on_where_they_ended_also_when_that_is_gone_or_items_are_added(edit: Any) -> None:
    editor = await edit({"work": list(range(6)), "skills": []})
    sections = await editor.sections()
    path = f"sections/{sections['work']['id']}/items"

    async def add_before(items: Any) -> None:
        await editor.post(path, data="new", beforeId=items[0]["id"])

    async def delete_last(items: Any) -> None:
        await editor.call("DELETE", f"items/{items[-1]['id']}")

    async def move_last_away(items: Any) -> None:
        await editor.post(f"items/{items[-1]['id']}/move", sectionId=sections["skills"]["id"])

    assert await walk(editor, path, 3, add_before) == list(range(6))
    assert await walk(editor, path, 3, delete_last) == ["new", 0, 1, 2, 3, 4, 5]
    assert await walk(editor, path, 3, move_last_away) == ["new", 0, 2, 3, 4, 5]
    assert await editor.content() == {"work": ["new", 0, 3, 4, 5], "skills": [2]}


@pytest.mark.parametrize("word", KINDS)
async def test_items_of_a_kind_come_from_all_its_sections_hidden_ones_too(edit: Any, word: str) -> None:
    kind = KINDS[word]
    editor = await edit({"before": ["no"], kind: [{"n": 1}, {"n": 2}], "other": ["no"]})
    second = await editor.post("sections", kind=kind, visible=False)
    third = await editor.post("sections", kind=kind, name="third", beforeId=second["id"])
    for section, n in ((second, 5), (third, 3), (third, 4), (second, 6)):
        await editor.post(f"sections/{section['id']}/items", data={"n": n}, visible=n % 2 == 0)
    for limit in (1, 4, 50):
        assert await walk(editor, word, limit) == [{"n": n} for n in range(1, 7)]
    items = (await editor.get(word))["items"]
    assert [item["visible"] for item in items] == [True, True, False, True, False, True]
    assert {item["kind"] for item in items} == {kind}
    assert await editor.get(f"items/{items[3]['id']}") == items[3]


async def test_a_list_of_a_kind_that_the_resume_has_not_is_empty(edit: Any) -> None:
    editor = await edit({})
    for word in KINDS:
        assert await editor.get(word) == {"items": [], "nextCursor": None}


@pytest.mark.parametrize(
    "cursor", ["x", "", "%00", "AAAA", "WyIiLFsiYTAiLCJhMCJdXQ", "bnVsbA", "W10", "🙂", "a" * 5000]
)
async def test_a_made_up_cursor_is_refused(edit: Any, cursor: str) -> None:
    editor = await edit({"work": [1]})
    section = (await editor.sections())["work"]["id"]
    for path in ("experiences", f"sections/{section}/items", "sections"):
        answer = await editor.call("GET", f"{path}?cursor={cursor}", status=400)
        assert answer.json()["errors"][0]["path"] == "$.cursor"


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", ""])
async def test_pages_have_one_to_a_hundred_items(edit: Any, limit: str) -> None:
    editor = await edit({"work": [1]})
    section = (await editor.sections())["work"]["id"]
    for path in ("experiences", f"sections/{section}/items", "sections"):
        assert await editor.refused("GET", f"{path}?limit={limit}", status=400) == "VALIDATION_FAILED"
