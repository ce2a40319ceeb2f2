import asyncio
from typing import Any

import httpx
import pytest

from common.ids import new_id

PATH = "/api/v1/resumes"


async def test_a_resume_is_created_with_its_address_and_version(
    client: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    body = {"title": "Ada Lovelace", "language": "en-GB", "content": {"basics": {"name": "Ada"}}}
    made = await client.post(PATH, json=body, headers=owner)
    assert made.status_code == 201, made.text
    assert made.headers["etag"] == '"v1"'
    read = await client.get(made.headers["location"], headers=owner)
    assert read.json() == made.json()
    assert read.json()["template"] == {"id": "classic", "version": 1}
    assert read.json()["language"] == "en-GB"
    content = await client.get(f"{made.headers['location']}/content", headers=owner)
    assert content.json() == body["content"]


async def test_the_same_key_creates_one_resume(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    headers = owner | {"Idempotency-Key": new_id().hex}
    first = await client.post(PATH, json={"title": "Once"}, headers=headers)
    again = await client.post(PATH, json={"title": "Once"}, headers=headers)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert (await client.post(PATH, json={"title": "Twice"}, headers=headers)).status_code == 422
    assert len((await client.get(PATH, headers=owner)).json()["items"]) == 1


async def test_a_list_is_newest_first_and_stays_stable_under_inserts(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    for n in range(5):
        await make_resume(title=f"Resume {n}")
    first = (await client.get(PATH, params={"limit": 2}, headers=owner)).json()
    await make_resume(title="Late")
    second = await client.get(PATH, params={"limit": 2, "cursor": first["nextCursor"]}, headers=owner)
    third = await client.get(PATH, params={"limit": 2, "cursor": second.json()["nextCursor"]}, headers=owner)
    titles = [r["title"] for page in (first, second.json(), third.json()) for r in page["items"]]
    assert titles == [f"Resume {n}" for n in (4, 3, 2, 1, 0)]
    assert third.json()["nextCursor"] is None


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"cursor": "nonsense"}, {"cursor": "é"}]
)
async def test_a_bad_page_is_named(
    client: httpx.AsyncClient, owner: dict[str, str], params: dict[str, Any]
) -> None:
    answer = await client.get(PATH, params=params, headers=owner)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == f"$.{next(iter(params))}"


async def test_what_a_patch_leaves_out_stays(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume(title="Before", language="de")
    answer = await client.patch(
        path, json={"title": "After", "settings": {"accent": "#123456"}}, headers=owner
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == '"v2"'
    read = (await client.get(path, headers=owner)).json()
    assert (read["title"], read["language"]) == ("After", "de")
    assert read["settings"] == {"accent": "#123456"}
    assert read == answer.json()


async def test_a_patch_that_changes_nothing_makes_no_version(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume(title="Same")
    assert (await client.patch(path, json={"title": "Same"}, headers=owner)).headers["etag"] == '"v1"'


async def test_a_stale_if_match_changes_nothing(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume(title="First")
    assert (await client.patch(path, json={"title": "Second"}, headers=owner)).status_code == 200
    stale = owner | {"If-Match": '"v1"'}
    for answer in (
        await client.patch(path, json={"title": "Third"}, headers=stale),
        await client.put(f"{path}/content", json={"work": []}, headers=stale),
        await client.delete(path, headers=stale),
    ):
        assert answer.status_code == 412
        assert answer.json()["code"] == "VERSION_CONFLICT"
    assert (await client.get(path, headers=owner)).json()["title"] == "Second"


async def test_of_two_writers_with_one_version_one_wins(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume()
    answers = await asyncio.gather(
        *(
            client.patch(path, json={"title": f"Writer {n}"}, headers=owner | {"If-Match": '"v1"'})
            for n in range(8)
        )
    )
    assert sorted(a.status_code for a in answers) == [200] + [412] * 7
    winner = next(a for a in answers if a.status_code == 200)
    assert (await client.get(path, headers=owner)).json() == winner.json()


async def test_a_resume_that_is_known_is_not_sent_again(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume()
    for tags in ('"v1"', 'W/"v1"', '"v9", "v1"', "*"):
        answer = await client.get(path, headers=owner | {"If-None-Match": tags})
        assert (answer.status_code, answer.content) == (304, b""), tags
    assert (await client.get(path, headers=owner | {"If-None-Match": '"v2"'})).status_code == 200


async def test_a_trashed_resume_is_gone_from_every_read(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume(content={"work": [1]})
    version = (await client.post(f"{path}/versions", headers=owner)).headers["location"]
    await client.get(f"{path}/content", headers=owner)  # now it is cached
    assert (await client.delete(path, headers=owner)).status_code == 204
    for gone in (path, f"{path}/content", f"{path}/versions", version):
        assert (await client.get(gone, headers=owner)).status_code == 404, gone
    assert (await client.get(PATH, headers=owner)).json()["items"] == []
    export = {"versionId": version.rsplit("/", 1)[1], "format": "pdf"}
    assert (await client.post("/api/v1/exports", json=export, headers=owner)).status_code == 404
    assert (await client.delete(path, headers=owner)).status_code == 404


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "$.title"),
        ({"title": ""}, "$.title"),
        ({"title": "x" * 201}, "$.title"),
        ({"title": "a\u0000b"}, "$.title"),
        ({"title": "a\nb"}, "$.title"),
        ({"title": 1}, "$.title"),
        ({"title": "A", "language": "not a language"}, "$.language"),
        ({"title": "A", "unknown": 1}, "$.unknown"),
        ({"title": "A", "content": []}, "$.content"),
        ({"title": "A", "template": {"id": "classic", "version": 0}}, "$.template.version"),
        ({"title": "A", "template": "No Such!"}, "$.template"),
        ([], "$"),
    ],
)
async def test_bad_commands_are_named_by_their_path(
    client: httpx.AsyncClient, owner: dict[str, str], body: Any, path: str
) -> None:
    answer = await client.post(PATH, json=body, headers=owner)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["path"] == path


@pytest.mark.parametrize("value", [{"a": 1e308}, {"a": {"b": 1}}, {"a": 10**30}, {"a" * 65: 1}, []])
async def test_settings_are_plain_values(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, value: Any
) -> None:
    answer = await client.patch(await make_resume(), json={"settings": value}, headers=owner)
    assert answer.status_code == 400, answer.text
