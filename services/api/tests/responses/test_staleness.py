"""No answer from before a change is given after it: not by a race, not while NATS is away, not when it is back."""

import asyncio
import random
from typing import Any

import httpx

from api.responses import queries as generations
from api.responses.cache import Answers
from common.testing.fixtures import eventually

LIST = "/api/v1/resumes"


async def state(client: httpx.AsyncClient, owner: dict[str, str], limit: int = 20) -> tuple[int, str]:
    """The number in the title of the only resume, and where that came from."""
    answer = await client.get(LIST, params={"limit": limit}, headers=owner)
    [item] = answer.json()["items"]
    return int(item["title"]), answer.headers["x-cache"]


async def test_what_was_computed_before_a_change_and_stored_after_it_is_not_given(
    client: httpx.AsyncClient,
    replica: httpx.AsyncClient,
    owner: dict[str, str],
    make_resume: Any,
    monkeypatch: Any,
) -> None:
    """The reader has read the rows; the writer changes them and is answered; only then does the reader store."""
    path = await make_resume(title="0")
    for turn, writer in enumerate((client, replica), start=1):
        keep = Answers.keep
        stored: list[Any] = []
        monkeypatch.setattr(Answers, "keep", lambda *args, stored=stored: stored.append(args))
        before, _ = await state(client, owner, turn)
        assert stored, "the reader was about to store what it has read"
        monkeypatch.setattr(Answers, "keep", keep)
        answer = await writer.patch(path, json={"title": str(before + 1)}, headers=owner)
        assert answer.status_code == 200
        for args in stored:
            keep(*args)
        assert (await state(writer, owner, turn))[0] == before + 1

        async def is_seen(turn: int = turn, wanted: int = before + 1) -> bool:
            return (await state(client, owner, turn))[0] == wanted

        await eventually(is_seen, within=1)
        for _ in range(3):
            assert (await state(client, owner, turn))[0] == before + 1


async def test_a_generation_that_was_read_before_a_change_is_not_remembered_after_it(
    client: httpx.AsyncClient,
    replica: httpx.AsyncClient,
    owner: dict[str, str],
    make_resume: Any,
    monkeypatch: Any,
) -> None:
    """The other race: a replica reads which generation is current, is overtaken, and would go on believing in it."""
    path = await make_resume(title="0")
    current = generations.current
    was_read, go_on = asyncio.Event(), asyncio.Event()

    async def slow(db: Any, scope: str) -> str:
        found = await current(db, scope)
        if not was_read.is_set():
            was_read.set()
            await go_on.wait()
        return found

    await state(client, owner)
    await asyncio.sleep(0.2)  # the bucket has the answer of the generation that the replica is about to read
    monkeypatch.setattr(generations, "current", slow)
    reading = asyncio.create_task(state(replica, owner))
    await was_read.wait()
    await client.patch(path, json={"title": "1"}, headers=owner)
    await asyncio.sleep(0.2)  # the news arrives while the replica still reads
    go_on.set()
    await reading
    for _ in range(3):
        assert (await state(replica, owner))[0] == 1


async def test_nobody_reads_what_was_before_a_write_that_was_answered(
    client: httpx.AsyncClient, replica: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    """Readers of the writer's replica see each write at once; those of the other one within a second, and never go back."""
    path = await make_resume(title="0")
    written = {client: 0, replica: 0}
    done = False
    hits = 0

    async def read(server: httpx.AsyncClient) -> None:
        nonlocal hits
        seen = 0
        while not done:
            least = written[server]
            number, cache = await state(server, owner)
            assert number >= least, "a write was answered by this replica, and is not seen"
            assert number >= seen or server is not client, "what was seen is unseen"
            seen = number
            hits += cache == "HIT"
            await asyncio.sleep(0)

    readers = [asyncio.create_task(read(server)) for server in (client, replica) * 2]
    for number in range(1, 61):
        writer = random.choice((client, replica))
        assert (await writer.patch(path, json={"title": str(number)}, headers=owner)).status_code == 200
        written[writer] = number
        await asyncio.sleep(random.choice((0, 0, 0.01, 0.05)))
    for server in (client, replica):

        async def is_current(server: httpx.AsyncClient = server) -> bool:
            return (await state(server, owner))[0] == 60

        await eventually(is_current, within=1)
    done = True
    await asyncio.gather(*readers)
    assert hits > 20


async def test_while_nats_is_away_nothing_is_cached_and_nothing_stale_is_given(
    lonely: Any, issuer_headers: dict[str, str]
) -> None:
    """RELIABILITY 7."""
    client, nats, _settings = lonely
    made = await client.post(LIST, json={"title": "0"}, headers=issuer_headers)
    path = made.headers["location"]

    async def is_hit() -> bool:
        return (await state(client, issuer_headers))[1] == "HIT"

    await eventually(is_hit)
    nats.kill()
    for number in range(1, 4):
        answer = await client.patch(path, json={"title": str(number)}, headers=issuer_headers)
        assert answer.status_code == 200
        assert (await state(client, issuer_headers))[0] == number

    async def is_miss() -> bool:
        return (await state(client, issuer_headers))[1] == "MISS"

    await eventually(is_miss)
    for _ in range(3):
        assert await state(client, issuer_headers) == (3, "MISS")
    nats.start()

    async def is_hit_again() -> bool:
        number, cache = await state(client, issuer_headers)
        assert number == 3
        return cache == "HIT"

    await eventually(is_hit_again)
    await client.patch(path, json={"title": "4"}, headers=issuer_headers)
    assert (await state(client, issuer_headers))[0] == 4


async def test_a_change_that_is_rolled_back_ends_nothing(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume(title="0")

    async def is_hit() -> bool:
        return (await state(client, owner))[1] == "HIT"

    await eventually(is_hit)
    refused = await client.patch(path, json={"title": "1"}, headers=owner | {"If-Match": '"v9"'})
    assert refused.status_code == 412
    assert await state(client, owner) == (0, "HIT")
