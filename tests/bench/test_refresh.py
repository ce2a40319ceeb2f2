"""Refreshes a second by one process of the SSO, on SQLite with synchronous=FULL: each of a session of its own."""

import asyncio
import time
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID

import psutil
from sqlalchemy import func, insert, select, text

from common.db import Database
from common.ids import new_id, new_token, now
from sso.sessions import rotations
from sso.sessions.models import RefreshToken, Session
from tests.bench.logins import Connection, post
from tests.e2e.people import Person
from tests.e2e.stack import Stack

SECONDS = 3.0
SESSIONS = 24_000


async def test_one_process_refreshes_300_sessions_a_second(stack: Stack) -> None:
    """Asked by eight at a time; one alone, and 32 at a time, are printed beside it. We generate the load, the SSO has a
    process to itself. The best of five rounds counts: whatever else the machine does can only make one slower."""
    user_id = UUID(Person(stack).http.get("/auth/me").json()["id"])
    database = Database(f"sqlite+aiosqlite:///{stack.data}/db/resume_auth_db.sqlite3")
    tokens = iter(await _sessions(database, user_id))
    sso = psutil.Process(stack.run["pids"]["sso"])
    port = urlsplit(stack.run["services"]["sso"]).port or 0
    await _refresh(port, tokens, at_once=8, seconds=0.5)  # warm
    rates: dict[int, list[float]] = {8: [], 1: [], 32: []}
    for at_once in (8, 8, 8, 8, 8, 1, 32):
        before, started = sum(sso.cpu_times()[:2]), time.perf_counter()
        done = await _refresh(port, tokens, at_once=at_once, seconds=SECONDS)
        elapsed, cpu = time.perf_counter() - started, sum(sso.cpu_times()[:2]) - before
        rates[at_once].append(done / elapsed)
        print(
            f"\nrefreshes by {at_once} at a time: {done / elapsed:.0f}/s, {cpu / done * 1e6:.0f} µs of CPU time each",
            end="",
        )
    await _check(database, user_id)
    await database.close()
    print()
    assert max(rates[8]) >= 300


async def _sessions(database: Database, user_id: UUID) -> list[str]:
    """The refresh tokens of SESSIONS new sessions."""
    at = now()
    sessions = [
        Session(id=new_id(), user_id=user_id, expires_at=at + rotations.ABSOLUTE) for _ in range(SESSIONS)
    ]
    tokens = [new_token() for _ in sessions]
    rows = [rotations.kept(session, token, at=at) for session, token in zip(sessions, tokens, strict=True)]
    same = {"user_id": user_id, "amr": ["pwd"], "ip": "127.0.0.1", "user_agent": "bench"}
    async with database.write() as db:
        assert await db.scalar(text("PRAGMA synchronous")) == 2, "FULL"
        await db.execute(
            insert(Session), [{"id": one.id, "expires_at": one.expires_at, **same} for one in sessions]
        )
        await db.execute(insert(RefreshToken), rows)
    return tokens


async def _refresh(port: int, tokens: Iterator[str], *, at_once: int, seconds: float) -> int:
    """How many of `tokens` were refreshed, each once, in that time."""
    end, done = time.perf_counter() + seconds, 0

    async def one() -> None:
        nonlocal done
        async with Connection(port) as connection:
            while time.perf_counter() < end:
                request = post("/auth/refresh", {"refreshToken": next(tokens)}, ip="127.0.0.1")
                status, _ = await connection.send(request)
                assert status == 200
                done += 1

    await asyncio.gather(*(one() for _ in range(at_once)))
    return done


async def _check(database: Database, user_id: UUID) -> None:
    """Every token that was used has one successor, in its own session."""
    of_user = select(RefreshToken.session_id).join(Session).where(Session.user_id == user_id)
    async with database.read() as db:
        used = (await db.scalars(of_user.where(RefreshToken.used_at.is_not(None)))).all()
        twice = of_user.group_by(RefreshToken.session_id).having(func.count() == 2)
        assert sorted((await db.scalars(twice)).all()) == sorted(used)
        assert len(used) == len(set(used))
