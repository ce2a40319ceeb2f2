"""The audit log cannot be changed unseen: the database refuses, and the chain tells."""

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import admin
from admin.app import create_app
from admin.audit.schemas import AuditFilter
from admin.audit.service import AuditTrail
from admin.settings import Settings
from common.db import Database
from common.ids import new_id
from common.testing.served import served
from common.tokens import Principal

VERIFY = "/admin/v1/audit-logs/verify"
Entries = Callable[..., Awaitable[list[dict[str, Any]]]]


class Log:
    """An admin service with entries of its own, and its database file."""

    def __init__(self, client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
        self.client, self.path, self._headers = client, path, headers

    async def verify(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(VERIFY, headers=self._headers)).json()
        return found

    def run(self, *statements: str) -> None:
        """Change the file behind the service's back."""
        with sqlite3.connect(self.path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def drop_triggers(self) -> None:
        self.run(*(f"DROP TRIGGER audit_logs_refuse_{event}" for event in ("UPDATE", "DELETE", "INSERT")))


@pytest_asyncio.fixture
async def log(settings: Callable[..., Settings], sso: Any) -> AsyncIterator[Log]:
    found = settings()
    async with served(create_app(found)) as client:
        headers = sso.headers("superadmin")
        for _ in range(6):
            await client.get(f"/admin/v1/users/{new_id()}", headers=headers)
        yield Log(client, found.database_url.split("///")[1], headers)


async def test_a_log_that_nobody_touched_is_valid(log: Log) -> None:
    first = await log.verify()
    assert (first["valid"], first["checked"], first["broken"]) == (True, 7, None)
    assert (await log.verify())["checked"] == 8, "the first verification is an entry too"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_logs SET reason = 'nothing to see' WHERE id = 3",
        "DELETE FROM audit_logs WHERE id = 3",
        "DELETE FROM audit_logs",
        "INSERT OR REPLACE INTO audit_logs SELECT * FROM audit_logs WHERE id = 3",
        "UPDATE OR REPLACE audit_logs SET id = 2 WHERE id = 3",
    ],
)
async def test_the_database_refuses_every_change(log: Log, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        log.run(statement)
    assert (await log.verify())["valid"] is True


@pytest.mark.parametrize(
    ("statement", "at", "fault"),
    [
        ("UPDATE audit_logs SET actor_id = 'f' || substr(actor_id, 2) WHERE id = 3", 3, "changed"),
        ("UPDATE audit_logs SET actor_id = zeroblob(16) WHERE id = 3", 1, "unreadable"),
        ("UPDATE audit_logs SET detail = '{' WHERE id = 3", 1, "unreadable"),
        ("UPDATE audit_logs SET detail = '{}' WHERE id = 4", 4, "changed"),
        ("UPDATE audit_logs SET outcome = 'succeeded' WHERE id = 5", 5, "changed"),
        ("UPDATE audit_logs SET at = '2020-01-01 00:00:00.000000' WHERE id = 2", 2, "changed"),
        ("UPDATE audit_logs SET hash = 'f' || substr(hash, 2) || 'x' WHERE id = 3", 3, "changed"),
        ("UPDATE audit_logs SET previous_hash = 'x' WHERE id = 3", 3, "continue"),
        ("DELETE FROM audit_logs WHERE id = 3", 4, "entry 3 is missing"),
        ("DELETE FROM audit_logs WHERE id <= 3", 4, "entry 1 is missing"),
        ("DELETE FROM audit_logs WHERE id >= 6", 6, "entry 6 is missing"),
    ],
)
async def test_whoever_gets_past_the_database_is_seen_and_where(
    log: Log, statement: str, at: int, fault: str
) -> None:
    log.drop_triggers()
    log.run(statement)
    found = await log.verify()
    assert found["valid"] is False
    assert found["broken"]["id"] == at
    assert fault in found["broken"]["fault"]


async def test_a_rewritten_end_of_the_log_is_seen_by_who_wrote_it(log: Log) -> None:
    log.drop_triggers()
    with sqlite3.connect(log.path) as connection:
        connection.row_factory = sqlite3.Row
        last = connection.execute("SELECT * FROM audit_logs ORDER BY id DESC LIMIT 1").fetchone()
        forged = _hash(dict(last) | {"outcome": "succeeded"})
        connection.execute(
            "UPDATE audit_logs SET outcome = 'succeeded', hash = ? WHERE id = ?", (forged, last["id"])
        )
    connection.close()
    found = await log.verify()
    assert found["valid"] is False
    assert (found["broken"]["id"], found["broken"]["fault"]) == (
        last["id"],
        "it is not the one that was written",
    )


async def test_anybody_who_has_the_entries_can_check_them(
    client: httpx.AsyncClient, entries: Entries
) -> None:
    await entries(client)
    found = await entries(client, limit=2)
    for entry in found:
        row = {
            "id": entry["id"],
            "at": entry["at"].replace("T", " ").replace("Z", ""),
            "actor_id": entry["actorId"],
            "action": entry["action"],
            "target": entry["target"],
            "reason": entry["reason"],
            "outcome": entry["outcome"],
            "detail": json.dumps(entry["detail"]),
            "request_id": entry["requestId"],
            "previous_hash": entry["previousHash"],
        }
        assert entry["hash"] == _hash(row)
    assert found[0]["previousHash"] == found[1]["hash"]


async def test_a_hundred_entries_at_once_from_two_processes_make_one_chain(
    settings: Callable[..., Settings],
) -> None:
    await _one_chain(settings().database_url)


async def test_on_postgresql_the_chain_holds_and_changes_are_refused(
    migrated_postgres: Callable[[str], str],
) -> None:
    url = migrated_postgres(admin.__file__)
    await _one_chain(url)
    database = Database(url)
    for statement in (
        "UPDATE audit_logs SET reason = 'x'",
        "DELETE FROM audit_logs WHERE id = 3",
        "TRUNCATE audit_logs",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.write() as db:
                await db.execute(text(statement))
    await database.close()


async def _one_chain(url: str) -> None:
    """Two processes' worth of writers on one database."""
    who = Principal(str(new_id()), "t", "s", "resumax", 0, frozenset(), frozenset())
    databases = [Database(url), Database(url)]
    trails = [AuditTrail(database) for database in databases]
    await asyncio.gather(
        *(trails[n % 2].record(who, "user.viewed", target=f"user:{n}", reason="שלום 🦊") for n in range(100))
    )
    for trail in trails:
        found = await trail.verify()
        assert (found.valid, found.checked) == (True, 100)
    streamed = [entry.target async for batch in trails[0].stream(AuditFilter()) for entry in batch]
    assert sorted(streamed) == sorted(f"user:{n}" for n in range(100))
    for database in databases:
        await database.close()


def _hash(row: dict[str, Any]) -> str:
    """The hash of an entry as `admin.audit.chain` documents it, worked out without its code."""
    at = row["at"].replace(" ", "T")
    actor = row["actor_id"]
    content = {
        "id": row["id"],
        "at": f"{at if '.' in at else at + '.000000'}+00:00",
        "actorId": actor if "-" in actor else "-".join(_parts(actor)),
        "action": row["action"],
        "target": row["target"],
        "reason": row["reason"],
        "outcome": row["outcome"],
        "detail": json.loads(row["detail"]),
        "requestId": row["request_id"],
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{row['previous_hash']}\n{canonical}".encode()).hexdigest()


def _parts(hex_id: str) -> list[str]:
    return [hex_id[:8], hex_id[8:12], hex_id[12:16], hex_id[16:20], hex_id[20:]]
