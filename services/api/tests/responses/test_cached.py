"""Answers are cached until what they tell of changes, on every replica, and each for its own reader alone."""

import asyncio
from typing import Any

import httpx
import pytest
from publishing import publish

from api.responses import middleware
from common.testing.fixtures import eventually
from common.testing.issuer import Issuer

LIST = "/api/v1/resumes"


async def titles(client: httpx.AsyncClient, owner: dict[str, str], **params: Any) -> list[str]:
    answer = await client.get(LIST, params=params, headers=owner)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def hit(client: httpx.AsyncClient, owner: dict[str, str], path: str = LIST) -> httpx.Response:
    """The answer once it comes from the cache."""

    async def ask() -> httpx.Response | None:
        answer = await client.get(path, headers=owner)
        return answer if answer.headers["x-cache"] == "HIT" else None

    found: httpx.Response = await eventually(ask)
    return found


async def test_the_second_answer_is_a_hit_and_says_since_when(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    await make_resume()
    first = await client.get(LIST, headers=owner)
    assert first.headers["x-cache"] == "MISS"
    assert "x-cache-date" not in first.headers
    second = await hit(client, owner)
    assert second.headers["x-cache-date"].endswith("Z")
    assert second.content == first.content
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["cache-control"] == "no-store"


async def test_an_answer_that_is_known_is_not_sent_again(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume()
    etag = (await client.get(LIST, headers=owner)).headers["etag"]
    for tags in (etag, f'"x", W/{etag}', "*"):
        for _ in range(2):
            answer = await client.get(LIST, headers=owner | {"If-None-Match": tags})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == etag
    await client.patch(path, json={"title": "Other"}, headers=owner)
    assert (await client.get(LIST, headers=owner | {"If-None-Match": etag})).status_code == 200


async def test_each_question_has_its_own_answer(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    for title in ("A", "B"):
        await make_resume(title=title)
    for _ in range(2):
        assert await titles(client, owner) == ["B", "A"]
        assert await titles(client, owner, limit=1) == ["B"]


async def test_what_is_cached_for_one_is_never_anybody_elses(
    client: httpx.AsyncClient, replica: httpx.AsyncClient, issuer: Issuer
) -> None:
    """SECURITY 22, also for what comes from a cache: many readers at once, each sees their own."""
    readers = [issuer.headers("api") for _ in range(6)]
    for number, reader in enumerate(readers):
        await client.post(LIST, json={"title": f"of {number}"}, headers=reader)

    async def read(number: int) -> None:
        for turn in range(12):
            assert await titles((client, replica)[turn % 2], readers[number]) == [f"of {number}"]

    await asyncio.gather(*(read(number) for number in range(len(readers))))


async def test_an_answer_under_the_key_of_another_is_not_taken(
    client: httpx.AsyncClient, owner: dict[str, str], issuer: Issuer, make_resume: Any, monkeypatch: Any
) -> None:
    """Even if two keys were the same, an answer says whose it is."""
    await make_resume(title="secret")
    monkeypatch.setattr(middleware, "_key", lambda *_, **__: "api.resumes.one-key-for-all")
    assert await titles(client, owner) == ["secret"]
    assert await titles(client, issuer.headers("api")) == []


async def test_every_change_is_seen_by_its_writer_at_once_and_by_all_within_a_second(
    client: httpx.AsyncClient, replica: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    for turn, (writer, reader) in enumerate(((client, replica), (replica, client)) * 3):
        for server in (writer, reader):
            await titles(server, owner)
            await hit(server, owner)

        async def is_seen(title: str, *, there: bool = True, reader: httpx.AsyncClient = reader) -> None:
            async def check() -> bool:
                return (title in await titles(reader, owner)) == there

            await eventually(check, within=1)

        made = await writer.post(LIST, json={"title": f"made {turn}"}, headers=owner)
        assert f"made {turn}" in await titles(writer, owner)
        await is_seen(f"made {turn}")
        path = made.headers["location"]
        await writer.patch(path, json={"title": f"changed {turn}"}, headers=owner)
        assert f"changed {turn}" in await titles(writer, owner)
        await is_seen(f"changed {turn}")
        await writer.delete(path, headers=owner)
        assert f"changed {turn}" not in await titles(writer, owner)
        await is_seen(f"changed {turn}", there=False)


async def test_a_change_of_what_a_resume_says_is_seen_in_the_list(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume(content={"work": [1]})
    for n in range(2, 6):
        await hit(client, owner)
        await client.put(f"{path}/content", json={"work": [n]}, headers=owner)
        [item] = (await client.get(LIST, headers=owner)).json()["items"]
        assert item["version"] == n


async def test_tags_and_the_library_are_cached_until_they_change(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    tags, library = "/api/v1/tags", "/api/v1/library/items"
    path = await make_resume(tags=["one"])
    for listed in (tags, library):
        await client.get(listed, headers=owner)
        await hit(client, owner, listed)
    await client.patch(path, json={"tags": ["two"]}, headers=owner)
    assert [t["name"] for t in (await client.get(tags, headers=owner)).json()["items"]] == ["two"]
    body = {"kind": "work", "data": {"name": "Analytical Engines"}}
    made = await client.post(library, json=body, headers=owner)
    assert made.status_code == 201, made.text
    [item] = (await client.get(library, headers=owner)).json()["items"]
    await hit(client, owner, library)
    assert (await client.delete(f"{library}/{item['id']}", headers=owner)).status_code == 204
    assert (await client.get(library, headers=owner)).json()["items"] == []
    await hit(client, owner, tags)
    await client.delete(path, headers=owner)
    assert (await client.get(tags, headers=owner)).json()["items"] == []
    await client.delete(f"{path}?permanently=true", headers=owner)
    assert (await client.get(LIST, params={"trash": True}, headers=owner)).json()["items"] == []


async def test_errors_are_not_kept(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    for _ in range(2):
        bad = await client.get(LIST, params={"cursor": "made-up"}, headers=owner)
        assert bad.status_code == 400
        assert "x-cache" not in bad.headers
    for _ in range(2):
        missing = await client.get("/api/v1/templates/no-such-template", headers=owner)
        assert missing.status_code == 404
        assert "x-cache" not in missing.headers


async def test_an_answer_that_is_too_large_goes_out_whole_and_is_not_kept(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, monkeypatch: Any
) -> None:
    await make_resume(title="x" * 200)
    monkeypatch.setattr(middleware, "MOST_BYTES", 100)
    for _ in range(3):
        answer = await client.get(LIST, headers=owner)
        assert answer.json()["items"][0]["title"] == "x" * 200
        assert "x-cache" not in answer.headers


async def test_a_token_is_asked_for_before_the_cache(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, issuer: Issuer
) -> None:
    await make_resume()
    await hit(client, owner)
    assert (await client.get(LIST)).status_code == 401
    for scope in ("", "account"):
        answer = await client.get(LIST, headers=issuer.headers("api", scope=scope))
        assert answer.status_code == 403


async def test_the_catalogue_is_cached_until_it_changes(lonely: Any, issuer: Issuer) -> None:
    client, _nats, _settings = lonely
    await publish(client, issuer, "classic", 1)
    user = issuer.headers("api")
    paths = ("/api/v1/templates", "/api/v1/templates/classic", "/api/v1/templates/classic?version=1")
    for path in paths:
        first = await client.get(path, headers=user)
        again = await hit(client, user, path)
        assert again.content == first.content
    await publish(client, issuer, "classic", 2)
    listed = (await client.get(paths[0], headers=user)).json()["items"]
    assert [t["version"] for t in listed] == [2]
    read = (await client.get(paths[1], headers=user)).json()
    assert (read["version"], read["versions"]) == (2, [2, 1])
    assert (await client.get(paths[2], headers=user)).json()["versions"] == [2, 1]
    await publish(client, issuer, "classic", 2)
    assert (await client.get(paths[0], headers=user)).headers["x-cache"] == "HIT"


@pytest.mark.parametrize("path", ["/api/v1/resumes", "/api/v1/templates", "/api/v1/templates/{template_id}"])
async def test_the_description_tells_of_the_cache(client: httpx.AsyncClient, path: str) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()["paths"][path]["get"]
    assert {"ETag", "X-Cache", "X-Cache-Date"} <= set(described["responses"]["200"]["headers"])
