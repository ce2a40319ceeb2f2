"""What is put together part by part stays one document that can be read, written and rendered."""

import asyncio
import json
import time
from typing import Any

import pytest

from api.contents.bounds import LARGEST


async def add(editor: Any, section: str, data: Any, **status: int) -> Any:
    return (await editor.call("POST", f"sections/{section}/items", {"data": data}, **status)).json()


async def test_a_document_does_not_become_deeper_than_a_body_may_be(edit: Any) -> None:
    editor = await edit({"work": [{}]})
    item = (await editor.items("work"))[0]
    deepest: Any = "core"
    for _ in range(62):
        deepest = [deepest]
    for path, method, body in (
        (f"items/{item['id']}", "PATCH", {"data": [deepest]}),
        (f"items/{item['id']}", "PATCH", {"fields": {"a": deepest}}),
        (f"sections/{item['sectionId']}/items", "POST", {"data": [deepest]}),
    ):
        assert await editor.refused(method, path, body, status=422) == "ITEM_TOO_DEEP"
    assert await editor.content() == {"work": [{}]}
    await add(editor, item["sectionId"], deepest)
    await editor.patch(f"items/{item['id']}", fields={"a": deepest[0]})
    content = await editor.content()
    assert content == {"work": [{"a": deepest[0]}, deepest]}
    await editor.call("PUT", "content", content)
    many = [[]] * 1000
    assert (await add(editor, item["sectionId"], many))["data"] == many


async def test_a_document_that_is_larger_than_a_body_can_be_read_and_has_a_bound(edit: Any) -> None:
    editor = await edit({"work": []})
    section = (await editor.sections())["work"]["id"]
    large = "ü\u0000" * 123_750  # 8 bytes a pair as JSON
    kept = []
    for _ in range(4):
        kept.append(await add(editor, section, large))
    assert (await add(editor, section, large, status=422))["code"] == "RESUME_TOO_LARGE"
    grown = {"data": [large, "x" * 45_000]}
    assert await editor.refused("PATCH", f"items/{kept[0]['id']}", grown, status=422) == "RESUME_TOO_LARGE"
    content = await editor.call("GET", "content")
    assert content.json() == {"work": [large] * 4}
    assert LARGEST - 1_000_000 < len(content.content) < LARGEST
    await editor.call("PATCH", f"items/{kept[0]['id']}", {"data": "small"})
    await add(editor, section, large[:-10])
    assert (await editor.content())["work"][-1] == large[:-10]


async def test_a_body_whose_numbers_are_spelled_short_is_kept(edit: Any) -> None:
    editor = await edit({})
    body = '{"work":[' + ",".join(["1e15"] * 4000 + [f"[{','.join(['1e15'] * 200_000)}]"]) + "]}"
    answer = await editor.client.put(f"{editor.path}/content", content=body, headers=editor.headers)
    assert answer.status_code == 200, answer.text
    assert await editor.content() == json.loads(body)


async def test_a_resume_has_5000_items_at_most_and_edits_of_one_stay_quick(edit: Any) -> None:
    editor = await edit({"work": [{"n": n} for n in range(4999)], "skills": []})
    sections = await editor.sections()
    await add(editor, sections["skills"]["id"], "last")
    assert (await add(editor, sections["work"]["id"], "more", status=422))["code"] == "TOO_MANY_ITEMS"
    page = await editor.get(f"sections/{sections['work']['id']}/items?limit=3")
    path = f"items/{page['items'][0]['id']}"
    started = time.monotonic()
    for n in range(10):
        await editor.patch(path, fields={"n": n})
    assert time.monotonic() - started < 1
    await editor.post(f"{path}/move", afterId=page["items"][2]["id"])
    content = await editor.content()
    assert content["work"] == [{"n": n} for n in (1, 2, 9, *range(3, 4999))]
    await editor.call("DELETE", f"sections/{sections['work']['id']}")
    assert await editor.content() == {"skills": ["last"]}


async def test_a_body_that_is_too_large_is_413(edit: Any) -> None:
    editor = await edit({"work": ["a"]})
    item = (await editor.items("work"))[0]
    body = {"data": "x" * (1 << 20)}
    assert await editor.refused("PATCH", f"items/{item['id']}", body, status=413) == "PAYLOAD_TOO_LARGE"
    assert await editor.content() == {"work": ["a"]}


@pytest.mark.parametrize("raw", [b"", b"{", b'{"data": "\\ud800"}', b'{"data": "\xff"}', b'{"data": NaN}'])
async def test_what_is_no_json_is_refused(edit: Any, raw: bytes) -> None:
    editor = await edit({"work": ["a"]})
    item = (await editor.items("work"))[0]
    for method, path in (("PATCH", f"items/{item['id']}"), ("POST", f"sections/{item['sectionId']}/items")):
        answer = await editor.client.request(
            method, f"{editor.path}/{path}", content=raw, headers=editor.headers
        )
        assert answer.status_code == 400, answer.text
    assert await editor.content() == {"work": ["a"]}


async def test_a_section_that_is_deleted_while_others_add_to_it_takes_all_or_is_gone(edit: Any) -> None:
    editor = await edit({"work": ["a"], "skills": []})
    section = (await editor.sections())["work"]["id"]

    async def try_to_add(n: int) -> int:
        answer = await editor.client.post(
            f"{editor.path}/sections/{section}/items", json={"data": n}, headers=editor.headers
        )
        return answer.status_code

    adding = [asyncio.create_task(try_to_add(n)) for n in range(10)]
    await asyncio.sleep(0.02)
    deleting = asyncio.create_task(editor.call("DELETE", f"sections/{section}"))
    adding += [asyncio.create_task(try_to_add(n)) for n in range(10)]
    assert set(await asyncio.gather(*adding)) <= {201, 404}
    await deleting
    assert await editor.content() == {"skills": []}
    assert await try_to_add(0) == 404
    assert await editor.get("experiences") == {"items": [], "nextCursor": None}
