"""The core API on a small and on a large database: one process of the service, one client on the same machine."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from uuid import UUID

import httpx
import pytest

import api
from common.ids import new_id
from common.testing.issuer import Issuer
from common.testing.ports import free_port
from common.testing.processes import Nats, Process, accepts
from tests.bench.crowd import multiply
from tests.bench.resumes import Ask, Headers, create, p50

Serve = Callable[[Path], AbstractAsyncContextManager[httpx.AsyncClient]]
SMALL, LARGE = 100, 100_000
MOST = {
    "uncached read of 60 items": 8.0,
    "item edit, fsynced": 8.0,
    "first page of 1,000 resumes": 10.0,
    "search over 10,000 resumes, a rare word": 30.0,
    "search over 10,000 resumes, a word in all": 30.0,
}
"""Milliseconds that the median may take."""
GROWTH = 1.5


@pytest.fixture
def serving(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """Runs the service on a database file, with caches that know nothing of another."""

    @asynccontextmanager
    async def serve(file: Path) -> AsyncIterator[httpx.AsyncClient]:
        nats, port = Nats(tmp_path_factory.mktemp("nats")), free_port()
        nats.start()
        environ = dict(os.environ) | {
            "RESUMAX_ENVIRONMENT": "test",
            "RESUMAX_PUBLIC_URL": issuer.url,
            "RESUMAX_NATS_URL": nats.url,
            "RESUMAX_S3_ENDPOINT": "http://127.0.0.1:9",
            "RESUMAX_S3_ACCESS_KEY": "a",
            "RESUMAX_S3_SECRET_KEY": "b",
            "RESUMAX_RATE_LIMITS": "off",
            **{f"RESUMAX_{n}_URL": issuer.url for n in ("SSO", "API", "ACCOUNT", "ADMIN", "PROCESSOR")},
            "API_PORT": str(port),
            "API_DATABASE_URL": f"sqlite+aiosqlite:///{file}",
            "API_CLIENT_SECRET": "test-client-secret",
        }
        process = Process([sys.executable, "-m", "api", "serve"], ready=lambda: accepts(port), env=environ)
        await asyncio.to_thread(process.start)
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30
            ) as client:
                yield client
        finally:
            await asyncio.to_thread(process.stop)
            nats.stop()

    return serve


async def test_the_core_api_is_fast_and_stays_so(
    serving: Serve, issuer: Issuer, migrated: Callable[[str], str], tmp_path: Path
) -> None:
    file = Path(migrated(api.__file__).split("///", 1)[1])
    people = {name: new_id() for name in ("few", "thousand", "many")}
    headers = {name: issuer.headers("api", user_id=person) for name, person in people.items()}
    async with serving(file) as client:
        paths = {
            name: await create(client, headers[name], items=60 if name == "few" else 6) for name in people
        }
    ids = {name: UUID(path.rsplit("/", 1)[1]) for name, path in paths.items()}
    multiply(file, ids["thousand"], 999, owner_id=people["thousand"])
    multiply(file, ids["many"], 9_999, owner_id=people["many"])
    multiply(file, ids["thousand"], SMALL)
    large = tmp_path / "large.sqlite3"
    shutil.copyfile(file, large)
    multiply(large, ids["thousand"], LARGE)
    figures = {}
    for name, database in (("small", file), ("large", large), ("small again", file)):
        async with serving(database) as client:
            figures[name] = await measure(client, headers, paths)
    print(f"\nmedians in ms, with {SMALL} resumes of others and with {LARGE:,}:")
    for what, most in MOST.items():
        small, large_one = small_of(figures, what), figures["large"][what]
        print(f"  {what}: {small:.1f} and {large_one:.1f} ({large_one / small:.2f}); at most {most:.0f}")
    for what, most in MOST.items():
        assert figures["large"][what] <= most, what
        assert figures["large"][what] / small_of(figures, what) <= GROWTH, what


def small_of(figures: dict[str, dict[str, float]], what: str) -> float:
    """The better of the two readings of the small database, before and after the large one."""
    return min(figures["small"][what], figures["small again"][what])


async def measure(
    client: httpx.AsyncClient, headers: dict[str, Headers], paths: dict[str, str]
) -> dict[str, float]:
    few, path = headers["few"], paths["few"]
    sections = (await client.get(f"{path}/sections", headers=few)).json()["items"]
    items = (await client.get(f"{path}/sections/{sections[0]['id']}/items", headers=few)).json()["items"]

    async def edit(number: int) -> httpx.Response:
        body = {"fields": {"summary": f"Edited {number} times"}}
        return await client.patch(f"{path}/items/{items[number % len(items)]['id']}", json=body, headers=few)

    async def read(_number: int) -> httpx.Response:
        answer = await client.get(f"{path}/content", headers=few)
        assert answer.headers["x-cache"] == "MISS"
        return answer

    def asked(query: str, owner: Headers) -> Ask:
        async def ask(number: int) -> httpx.Response:
            answer = await client.get(f"/api/v1/resumes?{query.format(number)}", headers=owner)
            assert answer.json()["items"], query
            assert answer.headers["x-cache"] == "MISS"
            return answer

        return ask

    def rename(name: str) -> Ask:  # so that no answer is cached any more
        async def ask(number: int) -> httpx.Response:
            body = {"title": f"Ada, {number} times renamed"}
            return await client.patch(paths[name], json=body, headers=headers[name])

        return ask

    thousand, many = rename("thousand"), rename("many")
    return {
        "uncached read of 60 items": await p50(read, before=edit),
        "item edit, fsynced": await p50(edit, times=200),
        "first page of 1,000 resumes": await p50(asked("", headers["thousand"]), before=thousand),
        "search over 10,000 resumes, a rare word": await p50(
            asked("q=mark{:04d}", headers["many"]), before=many
        ),
        "search over 10,000 resumes, a word in all": await p50(
            asked("q=engineer", headers["many"]), before=many
        ),
    }
