"""Several write in one resume at once: what was answered with 200 is in it, and nothing is in it that was not."""

import asyncio
import random
from typing import Any

import httpx
import pytest

Writers = list[httpx.AsyncClient]


@pytest.fixture
def writers(client: httpx.AsyncClient, replica: httpx.AsyncClient) -> Writers:
    """Eight of them, at two replicas of the service."""
    return [client, replica] * 4


async def until_all_are_written(
    editor: Any, writers: Writers, edits: int, path: str, method: str, change: Any
) -> None:
    """`writers` do `edits` together: each reads, changes what it has read, and tries again if another was faster."""
    numbers = iter(range(edits))
    url = f"{editor.path}/{path}"

    async def write(writer: httpx.AsyncClient) -> None:
        for number in numbers:
            while True:
                read = await writer.get(url, headers=editor.headers)
                headers = editor.headers | {"If-Match": read.headers["etag"]}
                wrote = await writer.request(method, url, json=change(read.json(), number), headers=headers)
                if wrote.status_code == 200:
                    break
                assert wrote.status_code == 412, wrote.text
                await asyncio.sleep(random.uniform(0, 0.02 * len(writers)))

    await asyncio.gather(*(write(writer) for writer in writers))


@pytest.mark.parametrize(("count", "edits"), [(2, 300), (8, 200)])
async def test_no_count_of_an_item_is_lost(edit: Any, writers: Writers, count: int, edits: int) -> None:
    editor = await edit({"work": [{"name": "Engine", "count": 0}, "other"]})
    item = (await editor.items("work"))[0]

    def add_one(read: Any, _number: int) -> Any:
        return {"fields": {"count": read["data"]["count"] + 1}}

    await until_all_are_written(editor, writers[:count], edits, f"items/{item['id']}", "PATCH", add_one)
    now = await editor.get(f"items/{item['id']}")
    assert (now["data"], now["version"]) == ({"name": "Engine", "count": edits}, edits + 1)
    assert (await editor.content())["work"] == [now["data"], "other"]


@pytest.mark.parametrize(("count", "edits"), [(2, 300), (8, 200)])
async def test_no_entry_of_a_document_is_lost(edit: Any, writers: Writers, count: int, edits: int) -> None:
    editor = await edit({"work": []})

    def append(read: Any, number: int) -> Any:
        return {"work": [*read["work"], number]}

    await until_all_are_written(editor, writers[:count], edits, "content", "PUT", append)
    content = await editor.call("GET", "content")
    assert sorted(content.json()["work"]) == list(range(edits))
    assert content.headers["etag"] == f'"v{edits + 1}"'


async def test_edits_of_different_parts_at_once_all_land(edit: Any, writers: Writers) -> None:
    editor = await edit({"work": [{"n": n} for n in range(20)], "skills": ["x"], "basics": {}})
    items = await editor.items("work")
    sections = await editor.sections()
    work = f"sections/{sections['work']['id']}"
    edits = [("PATCH", f"items/{item['id']}", {"fields": {"by": n}}) for n, item in enumerate(items)]
    edits += [("POST", f"{work}/items", {"data": {"new": n}}) for n in range(5)]
    edits += [
        ("PATCH", work, {"title": "Jobs"}),
        ("PATCH", f"sections/{sections['skills']['id']}", {"columns": 2}),
    ]
    edits += [("POST", "sections", {"kind": "new"}), ("POST", f"items/{items[0]['id']}/move", {})]
    answers = await asyncio.gather(
        *(
            writer.request(method, f"{editor.path}/{path}", json=body, headers=editor.headers)
            for (method, path, body), writer in zip(edits, writers * 4, strict=False)
        )
    )
    assert {answer.status_code for answer in answers} == {200, 201}
    content = await editor.content()
    entries = [entry for entry in content["work"] if "new" not in entry and entry["n"] > 0]
    assert entries == [{"n": n, "by": n} for n in range(1, 20)]
    assert {"n": 0, "by": 0} in content["work"]
    assert sorted(entry["new"] for entry in content["work"] if "new" in entry) == list(range(5))
    assert (content["skills"], content["new"]) == (["x"], [])
    now = await editor.sections()
    assert (now["work"]["title"], now["skills"]["columns"], now["work"]["itemCount"]) == ("Jobs", 2, 25)
    versions = [int(answer.headers["x-resume-version"]) for answer in answers]
    assert sorted(versions) == list(range(2, len(edits) + 2))  # one after the other, none twice
