import asyncio
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import update

from api.contents.models import Item
from api.resumes.models import Resume
from common.db import Database
from common.testing.fixtures import eventually
from common.testing.issuer import Issuer


async def test_the_second_read_is_a_hit_and_says_since_when(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = f"{await make_resume(content={'work': [1]})}/content"
    first, second = [await client.get(path, headers=owner) for _ in range(2)]
    assert first.headers["x-cache"] == "MISS"
    assert "x-cache-date" not in first.headers
    assert second.headers["x-cache"] == "HIT"
    assert second.headers["x-cache-date"].endswith("Z")
    assert second.content == first.content
    assert second.headers["etag"] == first.headers["etag"] == '"v1"'
    assert second.headers["cache-control"] == "no-store"


async def test_a_content_that_is_known_is_not_sent_again(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = f"{await make_resume(content={'work': [1]})}/content"
    for _ in range(2):
        answer = await client.get(path, headers=owner | {"If-None-Match": '"v1"'})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == '"v1"'
    await client.put(path, json={"work": [2]}, headers=owner)
    assert (await client.get(path, headers=owner | {"If-None-Match": '"v1"'})).status_code == 200


async def test_what_is_cached_for_its_owner_is_nobody_elses(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, issuer: Issuer
) -> None:
    path = f"{await make_resume(content={'work': [1]})}/content"
    for _ in range(2):
        assert (await client.get(path, headers=owner)).status_code == 200
    assert (await client.get(path, headers=issuer.headers("api"))).status_code == 404
    assert (await client.get(path, headers=owner)).headers["x-cache"] == "HIT"


async def test_a_change_is_seen_by_the_other_replica(
    client: httpx.AsyncClient, replica: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = f"{await make_resume(content={'work': [0]})}/content"
    for n in range(1, 5):
        for _ in range(2):
            await replica.get(path, headers=owner)
        writer, reader = (client, replica) if n % 2 else (replica, client)
        assert (await writer.put(path, json={"work": [n]}, headers=owner)).status_code == 200

        async def is_seen(reader: httpx.AsyncClient = reader, n: int = n) -> bool:
            return bool((await reader.get(path, headers=owner)).json() == {"work": [n]})

        await eventually(is_seen, within=1)


async def test_a_replica_has_from_the_bucket_what_another_one_has_read(
    client: httpx.AsyncClient, replica: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = f"{await make_resume(content={'work': [1]})}/content"
    await client.get(path, headers=owner)

    async def hits() -> bool:
        return bool((await replica.get(path, headers=owner)).headers["x-cache"] == "HIT")

    await eventually(hits)


async def test_nobody_reads_what_was_before_a_write_that_was_answered(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = f"{await make_resume(content={'work': [0]})}/content"
    written, done = 0, False

    async def read() -> int:
        count = 0
        while not done:
            before = written
            answer = await client.get(path, headers=owner)
            assert answer.json()["work"][0] >= before
            count += 1
        return count

    readers = [asyncio.create_task(read()) for _ in range(4)]
    for n in range(1, 31):
        assert (await client.put(path, json={"work": [n]}, headers=owner)).status_code == 200
        written = n
    done = True
    assert sum(await asyncio.gather(*readers)) > 30


async def test_concurrent_writers_lose_no_update(
    client: httpx.AsyncClient, replica: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    """Each adds its own entry to what it has read, and tries again when somebody was faster."""
    path = f"{await make_resume(content={'work': []})}/content"

    async def add(writer: httpx.AsyncClient, name: str) -> None:
        while True:
            read = await writer.get(path, headers=owner)
            changed = {"work": [*read.json()["work"], name]}
            put = await writer.put(path, json=changed, headers=owner | {"If-Match": read.headers["etag"]})
            if put.status_code == 200:
                return
            assert put.status_code == 412, put.text
            await asyncio.sleep(0.01)

    names = [f"writer {n}" for n in range(6)]
    await asyncio.gather(*(add((client, replica)[n % 2], name) for n, name in enumerate(names)))
    assert sorted((await client.get(path, headers=owner)).json()["work"]) == names


async def test_the_last_of_concurrent_writers_without_a_condition_stands(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = f"{await make_resume()}/content"
    documents = [{"work": [n] * n, "skills": [n]} for n in range(1, 9)]
    answers = await asyncio.gather(*(client.put(path, json=d, headers=owner) for d in documents))
    assert {a.status_code for a in answers} == {200}
    last = max(answers, key=lambda answer: answer.json()["version"])
    assert (await client.get(path, headers=owner)).json() == documents[answers.index(last)]
    assert last.json()["version"] == 9


async def test_after_the_database_was_set_back_nobody_reads_what_the_lost_time_said(
    client: httpx.AsyncClient,
    replica: httpx.AsyncClient,
    owner: dict[str, str],
    make_resume: Any,
    database: Database,
) -> None:
    """The number of a version that was lost with the rows of a backup comes again."""
    path = f"{await make_resume(content={'work': ['backed up']})}/content"
    resume_id = UUID(path.split("/")[-2])
    async with database.read() as db:
        backed_up = await db.get_one(Resume, resume_id)
    lost = await client.put(path, json={"work": ["lost"]}, headers=owner)
    for server in (client, replica):
        await seen(server, owner, path, {"work": ["lost"]})
    async with database.write() as db:
        values = {"version": backed_up.version, "updated_at": backed_up.updated_at}
        await db.execute(update(Resume).where(Resume.id == resume_id).values(values))
        await db.execute(update(Item).where(Item.resume_id == resume_id).values(data='"backed up"'))
    written = await client.put(path, json={"work": ["written after"]}, headers=owner)
    assert written.headers["etag"] == lost.headers["etag"] == '"v2"'
    assert (await client.get(path, headers=owner)).json() == {"work": ["written after"]}
    await seen(replica, owner, path, {"work": ["written after"]})


async def seen(server: httpx.AsyncClient, owner: dict[str, str], path: str, wanted: Any) -> None:
    """Wait until the cache of `server` gives `wanted`."""

    async def is_cached() -> bool:
        answer = await server.get(path, headers=owner)
        return answer.headers["x-cache"] == "HIT" and bool(answer.json() == wanted)

    await eventually(is_cached, within=2)
