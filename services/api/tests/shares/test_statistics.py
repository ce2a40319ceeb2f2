"""How often links are opened, without knowing by whom."""

import sqlite3
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

import api
from api.app import create_app
from api.settings import Settings
from api.shares.views import counting, service
from common.db import Database
from common.ids import now
from common.testing.fixtures import MakeSettings, eventually
from common.testing.issuer import Issuer
from common.testing.served import served

Owner = dict[str, str]
AGENT = "Mozilla/5.0 (Macintosh) Safari/605.1 unmistakable"


def today() -> date:
    return now().astimezone(UTC).date()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "EVERY", 0.05)


@pytest.fixture
async def visited(settings_for: MakeSettings, settings: Settings) -> Any:
    """A replica behind a proxy that says where visitors come from, and one that forgets nothing when it stops."""
    behind: Settings = settings_for(
        Settings, api.__file__, database_url=settings.database_url, trusted_proxies=["127.0.0.1/32"]
    )
    async with served(create_app(behind)) as client:
        yield client


async def visit(client: httpx.AsyncClient, share: Any, address: str, what: str = "", **headers: str) -> None:
    answer = await client.get(
        f"/r/{share['slug']}{what}", headers={"X-Forwarded-For": address, "User-Agent": AGENT} | headers
    )
    assert answer.status_code == 200


async def read(client: httpx.AsyncClient, owner: Owner, share: Any, **params: str) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/shares/{share['id']}/statistics", params=params, headers=owner)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def counted(client: httpx.AsyncClient, owner: Owner, share: Any, views: int) -> dict[str, Any]:
    async def enough() -> dict[str, Any] | None:
        found = await read(client, owner, share)
        return found if found["totals"]["views"] >= views else None

    found: dict[str, Any] = await eventually(enough)
    return found


async def test_views_visitors_and_referrers_are_counted_by_day(
    client: httpx.AsyncClient, visited: httpx.AsyncClient, owner: Owner, make_share: Any
) -> None:
    share = await make_share()
    for address in ("203.0.113.7", "203.0.113.7", "203.0.113.8", "2001:db8:1:2::3", "2001:db8:1:2::4"):
        await visit(visited, share, address, Referer="https://News.example/item?id=secret")
    await visit(visited, share, "203.0.113.7", **{"User-Agent": "Mozilla/5.0 Another"})
    await visit(visited, share, "203.0.113.9", **{"User-Agent": "Googlebot/2.1"})
    await visit(visited, share, "203.0.113.9", **{"User-Agent": "curl/8.0"})
    await visited.head(f"/r/{share['slug']}", headers={"User-Agent": AGENT})
    found = await counted(client, owner, share, 6)
    # The two addresses of IPv6 are of one network.
    assert found["totals"] == {"views": 6, "visitors": 4, "downloads": 0}
    assert found["referrers"] == [{"host": "news.example", "views": 5}]
    assert [day["day"] for day in found["days"]] == [
        str(today() - timedelta(days=n)) for n in range(29, -1, -1)
    ]
    assert (found["days"][-1]["views"], found["days"][0]["views"]) == (6, 0)
    await visit(visited, share, "203.0.113.7")
    again = await counted(client, owner, share, 7)
    assert again["totals"]["visitors"] == 4
    assert (await client.get(f"/api/v1/shares/{share['id']}", headers=owner)).json()["opens"] == 7


async def test_whoever_calls_their_browser_something_else_each_time_fills_no_table(
    client: httpx.AsyncClient, visited: httpx.AsyncClient, owner: Owner, make_share: Any, database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(service, "MOST_VISITORS", 3)
    share, other = await make_share(), await make_share()

    async def marks() -> int:
        async with database.read() as db:
            return await db.scalar(text("SELECT count(*) FROM share_visitors")) or 0

    before = await marks()
    for views, seen in ((2, 2), (7, 3), (9, 3)):
        for n in range(views - (await read(client, owner, share))["totals"]["views"]):
            await visit(visited, share, "203.0.113.7", **{"User-Agent": f"Mozilla/5.0 {views} {n}"})
        found = await counted(client, owner, share, views)
        assert found["totals"] == {"views": views, "visitors": seen, "downloads": 0}
    assert await marks() == before + 3
    await visit(visited, other, "203.0.113.7")
    assert (await counted(client, owner, other, 1))["totals"]["visitors"] == 1, (
        "another link has room of its own"
    )


async def everything_in(database: Database) -> bytes:
    """All that the database holds: its files, or its rows as PostgreSQL prints them."""
    if database.is_sqlite:
        file = Path(make_url(database.url).database or "")
        with sqlite3.connect(file) as db:
            db.execute("PRAGMA wal_checkpoint(FULL)")
        return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    async with database.read() as session:
        tables = await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        rows = [
            row
            for table in tables.all()
            for row in await session.scalars(text(f'SELECT CAST("{table}" AS text) FROM "{table}"'))
        ]
    return "\n".join(rows).encode()


async def test_no_address_and_no_browser_is_in_the_database(
    client: httpx.AsyncClient, visited: httpx.AsyncClient, owner: Owner, make_share: Any, database: Database
) -> None:
    share = await make_share()
    await visit(visited, share, "198.51.100.77", Referer="https://forum.example/?q=private")
    await counted(client, owner, share, 1)
    kept = await everything_in(database)
    assert b"forum.example" in kept
    for secret in (b"198.51.100", b"unmistakable", b"q=private", bytes([198, 51, 100, 77])):
        assert secret not in kept


async def test_who_came_is_forgotten_with_the_day(
    client: httpx.AsyncClient, visited: httpx.AsyncClient, owner: Owner, make_share: Any, database: Database
) -> None:
    share = await make_share()
    await visit(visited, share, "203.0.113.20")
    await counted(client, owner, share, 1)
    tables = ("share_salts", "share_visitors")

    async def left() -> list[int]:
        async with database.read() as db:
            return [await db.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in tables]

    async with database.write() as db:
        await service.forget_visitors(db, at=now())
    assert all(await left())
    async with database.write() as db:
        await service.forget_visitors(db, at=now() + timedelta(days=1))
    assert await left() == [0, 0]
    assert (await read(client, owner, share))["totals"]["visitors"] == 1


async def test_what_was_counted_is_written_before_a_service_stops(
    settings_for: MakeSettings, client: httpx.AsyncClient, owner: Owner, make_share: Any, settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(counting, "EVERY", 3600.0)
    share = await make_share()
    other: Settings = settings_for(Settings, api.__file__, database_url=settings.database_url)
    async with served(create_app(other)) as replica:
        for _ in range(3):
            await visit(replica, share, "203.0.113.7")
        assert (await read(client, owner, share))["totals"]["views"] == 0
    assert (await read(client, owner, share))["totals"]["views"] == 3


async def test_made_up_referrers_fill_no_table(
    client: httpx.AsyncClient, visited: httpx.AsyncClient, owner: Owner, make_share: Any, database: Database
) -> None:
    share = await make_share()
    for n in range(120):
        await visit(visited, share, "203.0.113.7", Referer=f"https://h{n}.example/")
    for odd in ("https://[", "not an address", "https://" + "x" * 300 + ".example"):
        await visit(visited, share, "203.0.113.7", Referer=odd)
    found = await counted(client, owner, share, 123)
    async with database.read() as db:
        rows = await db.scalar(
            text("SELECT count(*) FROM share_referrers WHERE share_id = :id"),
            {"id": share["id"].replace("-", "")},
        )
    assert rows == 101
    assert found["referrers"][0] == {"host": "other", "views": 20}


async def test_a_range_of_days_is_asked_for(client: httpx.AsyncClient, owner: Owner, make_share: Any) -> None:
    share = await make_share()
    found = await read(client, owner, share, **{"from": "2024-02-28", "to": "2024-03-01"})
    assert [day["day"] for day in found["days"]] == ["2024-02-28", "2024-02-29", "2024-03-01"]
    for params in (
        {"from": "2024-03-02", "to": "2024-03-01"},
        {"from": "2020-01-01", "to": "2024-01-01"},
        {"from": "x"},
    ):
        answer = await client.get(f"/api/v1/shares/{share['id']}/statistics", params=params, headers=owner)
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED"), params


async def test_only_the_owner_reads_them(client: httpx.AsyncClient, issuer: Issuer, make_share: Any) -> None:
    share = await make_share()
    answer = await client.get(f"/api/v1/shares/{share['id']}/statistics", headers=issuer.headers("api"))
    assert answer.status_code == 404
