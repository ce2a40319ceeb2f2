"""Finding resumes by what they say, over HTTP."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.search.sqlite import key
from common.db import Database
from common.ids import new_id
from common.testing.issuer import Issuer

PATH = "/api/v1/resumes"
Make = Any
Search = Any

CONTENT = {
    "basics": {"name": "Ada Lovelace", "location": {"city": "Łódź"}, "n": 1},
    "work": [
        {"name": "Analytical Engine", "highlights": ["Wrote the first program", "Node.js and C++ daily"]},
        {"name": "東京大学附属図書館", "summary": "Ünïcode\u0000 names ﬁnd ½ of ﾊﾝｶｸ"},
        "a plain string",
        ["nested", {"deep": ["treasure"]}],
    ],
    "skills": [{"name": "Fourier analysis", "keywords": ["서울대학교", "حاسوب", "हिन्दी"]}],
    "$note": {"private": ["marginalia"]},
}
FOUND = [
    "ada",
    "ADA",
    "love",
    "lodz",
    "łódź",
    "engine analytical",
    "program lovelace treasure",
    '"first program"',
    '"wrote the first pro',
    "node.js",
    "js",
    "C++",
    "unicode",
    "find",
    "ハンカク",
    "京大",
    "図書",
    "東京大学附属図書館",
    "대학",
    "حاسوب",
    "हिन्दी",
    "plain string",
    "marginalia",
    "fourier -",
    "ada AND",
]
"""What finds the resume; the last word of `ada AND` is the beginning of `and`."""
NOT_FOUND = [
    "babbage",
    "vela",
    "lov ada",
    '"program first"',
    '"engine wrote"',
    '"Lovelace Łódź"',
    "C#",
    "ada OR babbage",
    "NOT ada",
    "京都",
    '"love"',
    "keywords",
    "highlights",
    "***",
]


@pytest.mark.parametrize("q", FOUND)
async def test_a_resume_is_found_by(make_resume: Make, search: Search, q: str) -> None:
    await make_resume(title="Curriculum", content=CONTENT)
    await make_resume(title="Another", content={"basics": {"name": "Charles"}})
    (found,) = await search(q)
    assert found["title"] == "Curriculum"
    assert found["matches"], q


@pytest.mark.parametrize("q", NOT_FOUND)
async def test_a_resume_is_not_found_by(make_resume: Make, search: Search, q: str) -> None:
    await make_resume(title="Curriculum", content=CONTENT)
    assert await search(q) == []


@pytest.mark.parametrize("q", ["", "   ", None])
async def test_without_words_it_is_a_list(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Make, q: str | None
) -> None:
    await make_resume(title="A")
    params = {} if q is None else {"q": q}
    (item,) = (await client.get(PATH, params=params, headers=owner)).json()["items"]
    assert "matches" not in item


async def test_titles_and_tags_are_found_with_what_is_said(make_resume: Make, search: Search) -> None:
    await make_resume(title="For the Royal Society", tags=["Astronomy"], content=CONTENT)
    (found,) = await search("royal astronomy treasure")
    assert [match["field"] for match in found["matches"]] == ["title", "item", "tags"]


async def test_every_change_changes_what_is_found(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Make, search: Search, database: Database
) -> None:
    path = await make_resume(title="Before", content={"work": [{"name": "Loom"}], "extra": "old"})

    async def words(*wanted: str) -> list[bool]:
        return [bool(await search(word)) for word in wanted]

    await client.patch(path, json={"title": "After", "tags": ["tagged"]}, headers=owner)
    assert await words("before", "after", "tagged", "loom", "old") == [False, True, True, True, True]
    await client.patch(path, json={"tags": [], "basics": {"label": "Weaver"}}, headers=owner)
    assert await words("tagged", "weaver") == [False, True]
    await client.put(f"{path}/content", json={"work": [{"name": "Engine"}], "extra": "new"}, headers=owner)
    assert await words("weaver", "loom", "engine", "old", "new") == [False, False, True, False, True]
    (section,) = (await client.get(f"{path}/sections", headers=owner)).json()["items"]
    where = f"{path}/sections/{section['id']}"
    await client.patch(where, json={"title": "Inventions"}, headers=owner)
    made = await client.post(f"{where}/items", json={"data": {"name": "Bobbin"}}, headers=owner)
    assert await words("inventions", "bobbin", "engine") == [True, True, True]
    item = f"{path}/items/{made.json()['id']}"
    await client.patch(item, json={"fields": {"name": "Spindle"}}, headers=owner)
    assert await words("bobbin", "spindle") == [False, True]
    await client.delete(item, headers=owner)
    assert await words("spindle", "engine") == [False, True]
    await client.delete(where, headers=owner)
    assert await words("inventions", "engine", "after") == [False, False, True]
    if database.is_sqlite:
        async with database.write() as db:  # raises if the index and its texts are not in step
            await db.execute(text("INSERT INTO search_index (search_index) VALUES ('integrity-check')"))


async def test_an_edit_of_an_item_indexes_that_item_alone(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Make, database: Database
) -> None:
    path = await make_resume(content=CONTENT)

    async def rows() -> dict[int, str]:
        async with database.read() as db:
            statement = text("SELECT id, text FROM search_texts WHERE resume_id = :id")
            resume_id = path.rsplit("/", 1)[1]
            key = resume_id.replace("-", "") if database.is_sqlite else resume_id
            return {row.id: row.text for row in await db.execute(statement, {"id": key})}

    sections = (await client.get(f"{path}/sections", headers=owner)).json()["items"]
    items = await client.get(f"{path}/sections/{sections[0]['id']}/items", headers=owner)
    before = await rows()
    where = f"{path}/items/{items.json()['items'][0]['id']}"
    answer = await client.patch(where, json={"fields": {"name": "Loom"}}, headers=owner)
    assert answer.status_code == 200, answer.text
    after = await rows()
    assert len(before.keys() - after.keys()) == 1
    assert [text.split("\n")[0] for key, text in after.items() if key not in before] == ["Loom"]


async def test_what_is_in_the_trash_is_found_there_alone(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Make, search: Search
) -> None:
    path = await make_resume(title="Gone", content=CONTENT)
    await make_resume(title="Kept", content=CONTENT)
    await client.delete(path, headers=owner)
    assert [found["title"] for found in await search("lovelace")] == ["Kept"]
    assert [found["title"] for found in await search("lovelace", trash="true")] == ["Gone"]


async def test_nobody_finds_what_is_somebody_elses(
    make_resume: Make, search: Search, elsewhere: Search
) -> None:
    await make_resume(title="Secret", content=CONTENT)
    for q in ("secret", "lovelace", "a", "oa", '"first program"'):
        assert await elsewhere(q) == []
    assert len(await search("secret")) == 1


async def test_owners_whose_keys_are_the_same_find_only_what_is_theirs(
    client: httpx.AsyncClient, issuer: Issuer, search: Search
) -> None:
    """Words begin with the end of their owner's id: nothing depends on that being of one owner alone."""
    first = new_id()
    second = type(first)(int=first.int ^ (1 << 100))
    assert key(first) == key(second)
    for user_id, title in ((first, "Mine"), (second, "Yours")):
        headers = issuer.headers("api", user_id=user_id)
        await client.post(PATH, json={"title": title, "content": CONTENT}, headers=headers)
        found = (await client.get(PATH, params={"q": "lovelace"}, headers=headers)).json()["items"]
        assert [item["title"] for item in found] == [title]


async def test_titles_come_first_then_what_was_changed_last(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Make, search: Search
) -> None:
    await make_resume(title="Compiler engineer")
    await make_resume(title="Engineer", tags=["compiler"])
    old = await make_resume(title="Old", content={"work": ["compiler engineer"]})
    await make_resume(title="New", tags=["compiler"], content={"work": ["engineer", "engineer"]})

    async def titles(**params: Any) -> list[str]:
        return [found["title"] for found in await search("compiler engin", **params)]

    assert await titles() == ["Compiler engineer", "Engineer", "New", "Old"]
    assert await titles(sort="createdAt") == ["Compiler engineer", "Engineer", "Old", "New"]
    await client.put(f"{old}/content", json={"work": ["compiler engineer", 1]}, headers=owner)
    assert await titles() == ["Compiler engineer", "Engineer", "Old", "New"]


async def test_pages_of_a_search_hold_under_inserts(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Make
) -> None:
    for number in range(5):
        await make_resume(title=f"Engine {number}" if number % 2 else f"Number {number}", tags=["engine"])
    seen: list[str] = []
    params: dict[str, Any] = {"q": "engine", "limit": 2}
    while params.get("cursor", "") is not None:
        page = (await client.get(PATH, params=params, headers=owner)).json()
        seen += [item["title"] for item in page["items"]]
        params["cursor"] = page["nextCursor"]
        await make_resume(title="Engine engine")
    assert [title for title in seen if title != "Engine engine"] == [
        "Engine 3",
        "Engine 1",
        "Number 4",
        "Number 2",
        "Number 0",
    ]


async def test_a_search_goes_with_filters_and_orders(make_resume: Make, search: Search) -> None:
    await make_resume(title="B", language="de", tags=["x"], content=CONTENT)
    await make_resume(title="A", language="de-AT", content=CONTENT)
    await make_resume(title="C", kind="cover-letter", content={"paragraphs": ["Dear Lovelace"]})
    for params, titles in (
        ({"sort": "title"}, ["A", "B", "C"]),
        ({"sort": "-createdAt"}, ["C", "A", "B"]),
        ({"tag": "X"}, ["B"]),
        ({"language": "de", "sort": "title"}, ["A", "B"]),
        ({"kind": "cover-letter"}, ["C"]),
    ):
        assert [found["title"] for found in await search("lovelace", **params)] == titles, params
