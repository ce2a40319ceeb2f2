"""The facts themselves."""

from typing import Any

import pytest

JOB = {"name": "Analytical Engines", "position": "Programmer", "startDate": "1842"}


async def test_a_fact_is_kept_as_it_was_given(library: Any) -> None:
    data = b'{"n":1E+400,"m":0.1000000000000000000001,"z":"\\u0000","unknown":[1.0]}'
    made = await library.call("POST", library.PATH, b'{"kind":"work","name":"Odd","data":' + data + b"}")
    assert made.status_code == 201, made.text
    read = await library.call("GET", made.headers["location"])
    assert b'"data":' + data in read.content
    assert (read.headers["etag"], made.headers["etag"]) == ('"v1"', '"v1"')
    assert read.content == made.content
    again = await library.call("GET", made.headers["location"], if_none_match='"v1"')
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("data", [None, "a line", 3, [1, {"a": None}]])
async def test_a_fact_may_be_any_value(library: Any, data: Any) -> None:
    assert (await library.made("GET", await library.item(data)))["data"] == data


async def test_a_change_is_a_new_version_and_nothing_new_is_none(library: Any) -> None:
    path = await library.item(JOB, name="Engines")
    same = await library.call("PATCH", path, {"data": dict(reversed(JOB.items())), "name": "Engines"})
    renamed = await library.call("PATCH", path, {"name": None}, if_match='"v1"')
    changed = await library.call("PATCH", path, {"data": JOB | {"position": "Countess"}}, if_match='"v2"')
    stale = await library.call("PATCH", path, {"data": {}}, if_match='"v2"')
    assert [a.headers.get("etag") for a in (same, renamed, changed)] == ['"v1"', '"v2"', '"v3"']
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION_CONFLICT")
    assert (changed.json()["name"], changed.json()["data"]["position"]) == (None, "Countess")


async def test_the_library_is_listed_newest_first_by_kind_and_by_words(library: Any) -> None:
    first = await library.item({"name": "Straße 100%", "highlights": ["ÉCOLE"]}, name="One")
    await library.item({"name": "skill"}, kind="skills", name="Two")
    third = await library.item({"name": "x_y"}, name="\uff34hree")

    async def found(**query: Any) -> list[str]:
        answer = await library.made("GET", f"{library.PATH}?{'&'.join(f'{k}={v}' for k, v in query.items())}")
        return [item["name"] for item in answer["items"]]

    assert await found() == ["\uff34hree", "Two", "One"]
    assert await found(kind="skills") == ["Two"]
    assert await found(q="STRASSE") == ["One"]
    assert await found(q="école") == ["One"]
    assert await found(q="three") == ["\uff34hree"]
    assert await found(q="ecol") == ["One"]
    assert await found(q="x%20y") == ["\uff34hree"]
    assert await found(q="%25") == []
    await library.made("PATCH", first, {"name": "Uno"})
    await library.made("PATCH", third, {"data": "école"})
    assert await found(q="one") == []
    assert await found(q="école") == ["\uff34hree", "Uno"]


async def test_pages_hold_every_item_once(library: Any) -> None:
    made = [await library.item(n) for n in range(5)]
    seen, cursor = [], ""
    while True:
        page = await library.made("GET", f"{library.PATH}?limit=2{cursor}")
        seen += [f"{library.PATH}/{item['id']}" for item in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == made[::-1]


async def test_the_same_key_makes_one_fact(library: Any) -> None:
    body = {"kind": "work", "data": {"n": 0.5}}
    first, second = [await library.call("POST", library.PATH, body, idempotency_key="k") for _ in range(2)]
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"]
    assert len((await library.made("GET", library.PATH))["items"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "work"},
        {"data": 1},
        {"kind": "no kind", "data": 1},
        {"kind": "work\n", "data": 1},
        {"kind": "work", "data": 1, "name": ""},
        {"kind": "work", "data": 1, "resumeId": "01890a5d-ac96-774b-bcce-b302099a8057"},
        {"resumeId": "01890a5d-ac96-774b-bcce-b302099a8057"},
        {"kind": "work", "data": 1, "other": 1},
    ],
)
async def test_it_has_to_be_said_what_the_fact_is(library: Any, body: Any) -> None:
    answer = await library.call("POST", library.PATH, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")


async def test_a_fact_is_not_deeper_than_its_resume_may_be(library: Any) -> None:
    deep = b'{"kind":"work","data":' + b"[" * 63 + b"]" * 63 + b"}"
    answer = await library.call("POST", library.PATH, deep)
    assert (answer.status_code, answer.json()["code"]) == (422, "ITEM_TOO_DEEP")


async def test_a_full_library_takes_no_more(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.library.service.MOST", 2)
    await library.item(1)
    await library.item(2)
    answer = await library.call("POST", library.PATH, {"kind": "work", "data": 3})
    assert (answer.status_code, answer.json()["code"]) == (409, "LIBRARY_FULL")


async def test_what_is_no_kind_is_asked_for_in_vain(library: Any) -> None:
    for kind in ("%00", "a%20b", "work%0A"):
        answer = await library.call("GET", f"{library.PATH}?kind={kind}")
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
