"""What is hidden stays hidden, however the whole document is written anew."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from api.contents import document
from api.contents.matching import follow, match

SECRET = {"name": "Secret Employer", "position": "Spy", "summary": "What it paid is nobody's business"}
ANOTHER = {"name": "Somebody else", "position": "Baker"}

Put = Callable[..., Awaitable[Any]]
Make = Callable[..., Awaitable[str]]


@pytest.fixture
def put(client: httpx.AsyncClient, owner: dict[str, str]) -> Put:
    """Replaces the document of a resume; what was answered."""

    async def put(path: str, document: Any, *, status: int = 200) -> Any:
        answer = await client.put(f"{path}/content", json=document, headers=owner)
        assert answer.status_code == status, answer.text
        return answer.json()

    return put


@pytest.fixture
def shown(client: httpx.AsyncClient, owner: dict[str, str]) -> Callable[[str], Awaitable[Any]]:
    """The document of a resume as visitors see it."""

    async def shown(path: str) -> Any:
        return (await client.get(f"{path}/content", params={"visible": "true"}, headers=owner)).json()

    return shown


@pytest.fixture
def with_hidden(client: httpx.AsyncClient, owner: dict[str, str], make_resume: Make) -> Make:
    """Makes a resume with `work`, of which the entries at the places `hidden` are hidden."""

    async def make(work: list[Any], *hidden: int) -> str:
        path = await make_resume(content={"work": work})
        section = (await client.get(f"{path}/sections", headers=owner)).json()["items"][0]["id"]
        items = (await client.get(f"{path}/sections/{section}/items", headers=owner)).json()["items"]
        for place in hidden:
            url = f"{path}/items/{items[place]['id']}"
            assert (await client.patch(url, json={"visible": False}, headers=owner)).status_code == 200
        return path

    return make


async def test_a_hidden_entry_that_is_edited_while_one_is_put_before_it_stays_hidden(
    put: Put, shown: Any, with_hidden: Make
) -> None:
    path = await with_hidden(["A", SECRET], 1)
    edited = SECRET | {"summary": "What it paid is nobodys business"}
    assert (await put(path, {"work": ["A", ANOTHER, edited]}))["warnings"][1:] == []
    assert await shown(path) == {"work": ["A", ANOTHER]}


async def test_a_hidden_entry_that_is_edited_and_moved_stays_hidden(
    put: Put, shown: Any, with_hidden: Make
) -> None:
    path = await with_hidden(["A", "B", SECRET], 2)
    edited = SECRET | {"summary": "Rewritten from the first word to the last"}
    await put(path, {"work": [edited, "B", ANOTHER, "A"]})
    assert await shown(path) == {"work": ["B", ANOTHER, "A"]}


async def test_what_may_be_a_hidden_entry_is_hidden_and_the_answer_says_where(
    put: Put, shown: Any, with_hidden: Make
) -> None:
    path = await with_hidden(["A", SECRET, "B"], 1)
    unlike = {"name": "Agency", "summary": "Nothing of what was said is left"}
    answer = await put(path, {"work": ["A", ANOTHER, unlike, "B", "new"]})
    hidden = [warning for warning in answer["warnings"] if "hidden" in warning["message"]]
    assert [warning["path"] for warning in hidden] == ["$.work[1]", "$.work[2]"]
    assert await shown(path) == {"work": ["A", "B", "new"]}


async def test_of_two_that_are_nearly_as_alike_to_a_hidden_entry_none_is_shown(
    put: Put, shown: Any, with_hidden: Make
) -> None:
    path = await with_hidden([SECRET], 0)
    first, second = [SECRET | {"summary": text} for text in ("One account of it", "Some other version")]
    answer = await put(path, {"work": [first, second]})
    assert await shown(path) == {"work": []}
    assert [warning["path"] for warning in answer["warnings"]] == ["$.work[1]"]


async def test_a_hidden_entry_that_is_left_alone_hides_nothing_that_is_new(
    put: Put, shown: Any, with_hidden: Make
) -> None:
    path = await with_hidden(["A", SECRET], 1)
    alike = SECRET | {"summary": "What it paid is public"}
    assert (await put(path, {"work": ["new", "A", alike, SECRET]}))["warnings"][2:] == []
    assert await shown(path) == {"work": ["new", "A", alike]}


async def test_a_hidden_entry_that_is_moved_to_another_section_stays_hidden(
    put: Put, shown: Any, with_hidden: Make
) -> None:
    path = await with_hidden(["A", SECRET], 1)
    answer = await put(path, {"work": ["A"], "volunteer": [ANOTHER, SECRET]})
    assert await shown(path) == {"work": ["A"], "volunteer": [ANOTHER]}
    assert answer["warnings"][0]["path"] == "$.volunteer[1]"


async def test_entries_of_a_hidden_section_that_gets_another_name_stay_hidden(
    client: httpx.AsyncClient, owner: dict[str, str], put: Put, shown: Any, make_resume: Make
) -> None:
    path = await make_resume(content={"work": [SECRET, ANOTHER], "x": [{}]})
    sections = (await client.get(f"{path}/sections", headers=owner)).json()["items"]
    for section in sections:
        url = f"{path}/sections/{section['id']}"
        assert (await client.patch(url, json={"visible": False}, headers=owner)).status_code == 200
    await put(path, {"jobs": [ANOTHER, SECRET, "new"], "y": [{}]})
    assert await shown(path) == {"jobs": ["new"], "y": [{}]}


async def test_a_hidden_section_keeps_its_place_before_a_list_that_would_push_it_out(
    client: httpx.AsyncClient, owner: dict[str, str], put: Put, shown: Any, make_resume: Make
) -> None:
    path = await make_resume(content={"work": [SECRET]})
    section = (await client.get(f"{path}/sections", headers=owner)).json()["items"][0]["id"]
    hide = await client.patch(f"{path}/sections/{section}", json={"visible": False}, headers=owner)
    assert hide.status_code == 200
    many = [0] * document.MOST_ITEMS
    await put(path, {"skills": many, "work": [SECRET]})
    assert await shown(path) == {"skills": many}
    whole = (await client.get(f"{path}/content", headers=owner)).json()
    assert list(whole.items()) == [("skills", many), ("work", [SECRET])]


async def test_a_section_that_would_grow_beyond_the_rows_of_a_resume_is_refused(
    put: Put, shown: Any, with_hidden: Make
) -> None:
    path = await with_hidden([SECRET], 0)
    answer = await put(path, {"work": [SECRET] * (document.MOST_ITEMS + 1)}, status=422)
    assert answer["code"] == "TOO_MANY_ITEMS"
    assert await shown(path) == {"work": []}


def test_an_entry_is_followed_by_what_it_says_before_where_it_stood() -> None:
    old = ['{"name":"Acme","position":"Baker"}', '{"name":"Ernst","position":"Cook"}']
    new = ['"new"', '{"name":"Ernst","position":"Head cook"}', '{"name":"Acme","position":"Bakers"}']
    assert match(old, new) == [None, 1, 0]
    assert match(['{"a":"b"}'], ['{"c":"d"}']) == [0]


@pytest.mark.parametrize("common", ["", "lorem ipsum dolor sit amet "])
def test_following_a_list_of_five_thousand_edited_entries_is_fast(common: str) -> None:
    count = document.MOST_ITEMS
    old = [f'{{"name":"company{n}","summary":"{common}{"text " * 5}{n}"}}' for n in range(count)]
    new = ['"new"', *(text.replace("company", "firm") for text in old)]
    begin = time.perf_counter()
    found = follow(old, new, hidden=range(0, count, 7))
    assert time.perf_counter() - begin < 3
    assert found.origins[1:] == list(range(count))
