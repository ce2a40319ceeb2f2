"""Signing in with a password, at the cost that a hash has in production (64 MiB, t=3, p=4)."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from statistics import median, quantiles
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
import pytest_asyncio
from argon2 import PasswordHasher

from sso.passwords import cores
from tests.bench.logins import PASSWORD, Connection, address, crowd, get, latencies, post
from tests.e2e.stack import Stack

PEOPLE = 200
TRIES = 200
_ADDRESSES = map(address, count())


@dataclass
class People:
    """Who has registered, and the port of the SSO that knows them."""

    port: int
    emails: list[str]
    token: str

    def logins(self, wanted: int) -> Iterator[bytes]:
        """Requests to sign in, each by another of them, as far as there are so many, and from another address."""
        for n in range(wanted):
            body = {"email": self.emails[n % len(self.emails)], "password": PASSWORD}
            yield post("/auth/login", body, ip=next(_ADDRESSES))


@pytest_asyncio.fixture(scope="module")
async def people(stack: Stack) -> People:
    port = urlsplit(stack.run["services"]["sso"]).port or 0
    emails = [f"{uuid4().hex}@example.org" for _ in range(PEOPLE)]
    bodies = ({"email": email, "password": PASSWORD, "name": "Ada"} for email in emails)
    requests = (post("/auth/register", body, ip=next(_ADDRESSES)) for body in bodies)
    async with Connection(port) as connection:
        _, made = await connection.send(next(requests))
    assert await crowd(port, requests, at_once=8) == {201: PEOPLE - 1}
    return People(port, emails, str(msgspec.json.decode(made)["accessToken"]))


async def test_signing_in_costs_little_more_than_its_hash(people: People) -> None:
    """Logins a second against verifications a second by Argon2 alone, on as many threads; by turns, in one run."""
    ratios, found = [], []
    for _ in range(3):
        alone = (await _argon2_alone(40) + await _argon2_alone(40)) / 2
        started = time.perf_counter()
        assert await crowd(people.port, people.logins(60), at_once=8) == {200: 60}
        ours = 60 / (time.perf_counter() - started)
        ratios.append(ours / alone)
        found.append(f"{ours:.1f}/{alone:.1f}")
    print(
        f"\nlogins a second / Argon2 alone on {cores.usable()} threads: {median(ratios):.2f} ({', '.join(found)})"
    )
    assert median(ratios) >= 0.8


async def _argon2_alone(hashes: int) -> float:
    """Verifications a second, with the service's parameters and on as many threads as it has."""
    hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
    known, loop = hasher.hash(PASSWORD), asyncio.get_running_loop()
    with ThreadPoolExecutor(cores.usable()) as threads:
        started = time.perf_counter()
        verified = [loop.run_in_executor(threads, hasher.verify, known, PASSWORD) for _ in range(hashes)]
        await asyncio.gather(*verified)
        return hashes / (time.perf_counter() - started)


async def test_200_logins_at_once_leave_the_service_quick(people: People) -> None:
    """`GET /auth/me` while 200 sign in: the hashes are bounded, off the loop, and give way to it."""
    done = asyncio.Event()
    request = get("/auth/me", people.token)
    asking = asyncio.create_task(latencies(people.port, request, until=done, every=0.02))
    started = time.perf_counter()
    statuses = await crowd(people.port, people.logins(PEOPLE), at_once=PEOPLE)
    elapsed = time.perf_counter() - started
    done.set()
    steps = quantiles(await asking, n=20)
    p50, p95 = steps[9] * 1000, steps[18] * 1000
    print(f"\nGET /auth/me while 200 sign in ({elapsed:.1f} s): p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    assert statuses == {200: PEOPLE}
    assert p95 <= 50


async def test_unknown_known_and_locked_accounts_take_the_same_time(people: People) -> None:
    """SECURITY 5. A difference that is there shows in every run, what else the machine does in the one or the other."""
    for _ in range(3):
        medians = await _refusals(people)
        spread = max(medians.values()) / min(medians.values()) - 1
        shown = ", ".join(f"{name} {ms:.1f} ms" for name, ms in medians.items())
        print(f"\nPOST /auth/login, medians of {TRIES} tries: {shown}; {spread:.1%} apart")
        if spread <= 0.05:
            return
    raise AssertionError(f"{spread:.1%} apart")


async def _refusals(people: People) -> dict[str, float]:
    """Milliseconds that being refused takes, by turns, so that they meet the same machine."""
    locked = people.emails[0]
    async with Connection(people.port) as connection:

        async def refused(email: str) -> float:
            request = post(
                "/auth/login", {"email": email, "password": "not the right one"}, ip=next(_ADDRESSES)
            )
            started = time.perf_counter()
            status, _ = await connection.send(request)
            assert status == 401
            return (time.perf_counter() - started) * 1000

        for _ in range(5):
            await refused(locked)
        took: dict[str, list[float]] = {"unknown": [], "known": [], "locked": []}
        for n in range(TRIES):
            took["unknown"].append(await refused(f"{uuid4().hex}@example.org"))
            took["known"].append(await refused(people.emails[1 + n % (PEOPLE - 1)]))
            took["locked"].append(await refused(locked))
    return {name: median(found) for name, found in took.items()}
