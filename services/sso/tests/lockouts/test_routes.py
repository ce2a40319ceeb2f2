"""Failed sign-ins are counted and slowed down (SECURITY 5, 6, 7)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from sqlalchemy import select, update

import sso.app
from common.db import Database
from common.ids import new_id, now
from common.testing.served import served
from sso.lockouts.models import AccountLockout
from sso.lockouts.service import account_key, address_key
from sso.security_events.models import SecurityEvent
from sso.settings import Settings
from sso.users.emails import email_key

PASSWORD, WRONG = "correct horse battery", "not the right one"
ADA = {"email": "ada@example.org", "password": PASSWORD, "name": "Ada"}
CHEAP = {"argon2_memory_kib": 8, "argon2_time": 1}
"""Where it is the counting that is put to the test, and not the hash."""
VARYING = {"x-request-id", "date", "x-ratelimit-remaining"}


async def login(client: httpx.AsyncClient, email: str, password: str, ip: str = "") -> httpx.Response:
    headers = {"X-Forwarded-For": ip} if ip else {}
    return await client.post("/auth/login", json={"email": email, "password": password}, headers=headers)


async def fail(client: httpx.AsyncClient, email: str, times: int = 5) -> None:
    for _ in range(times):
        assert (await login(client, email, WRONG)).status_code == 401


async def count_of(database: Database, email: str) -> AccountLockout:
    async with database.read() as db:
        return await db.get_one(AccountLockout, account_key(email_key(email)))


async def let_pass(database: Database, key: bytes) -> None:
    """As if the time of the lock were over."""
    async with database.write() as db:
        await db.execute(
            update(AccountLockout).where(AccountLockout.key_sha256 == key).values(locked_until=now())
        )


async def hashes(client: httpx.AsyncClient, of: str) -> int:
    """How many passwords have been verified against the hash of an account, or of nobody."""
    lines = (await client.get("/metrics")).text.splitlines()
    found = (line for line in lines if line.startswith(f'sso_password_hashes_total{{of="{of}"}}'))
    return int(float(next(found, "0").split()[-1]))


async def test_after_five_failures_not_even_the_right_password_signs_in_for_thirty_seconds(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    """SECURITY 6"""
    await fail(client, account.email, 4)
    assert (await login(client, account.email, account.password)).status_code == 200
    await fail(client, account.email, 5)
    assert (await login(client, account.email, account.password)).status_code == 401
    locked = await count_of(database, account.email)
    assert locked.locked_until is not None
    assert locked.locked_until - locked.last_failed_at == timedelta(seconds=30)
    await let_pass(database, locked.key_sha256)
    assert (await login(client, account.email, account.password)).status_code == 200


async def test_the_delay_doubles_with_each_failure_up_to_fifteen_minutes(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    """SECURITY 6"""
    await fail(client, account.email, 4)
    delays = []
    for _ in range(7):
        await fail(client, account.email, 1)
        locked = await count_of(database, account.email)
        assert locked.locked_until is not None
        delays.append((locked.locked_until - locked.last_failed_at).total_seconds())
        await let_pass(database, locked.key_sha256)
    assert delays == [30, 60, 120, 240, 480, 900, 900]


async def test_attempts_while_locked_are_not_counted_and_do_not_reach_the_hash(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    """SECURITY 6"""
    await fail(client, account.email)
    before, of_account = await count_of(database, account.email), await hashes(client, "account")
    of_nobody = await hashes(client, "nobody")
    await fail(client, account.email, 3)
    await login(client, account.email, account.password)
    after = await count_of(database, account.email)
    assert (after.failures, after.locked_until) == (5, before.locked_until)
    assert await hashes(client, "account") == of_account
    assert await hashes(client, "nobody") == of_nobody + 4


async def test_locked_wrong_and_unknown_are_told_apart_by_nothing_in_the_answer(
    client: httpx.AsyncClient, account: Any, register: Any
) -> None:
    """SECURITY 5"""
    locked = await register()
    await fail(client, locked.email)
    seen = []
    for email, password in (
        (account.email, WRONG),
        (f"{new_id().hex}@example.org", WRONG),
        (locked.email, locked.password),
        (locked.email, WRONG),
    ):
        answer = await login(client, email, password)
        problem = answer.json()
        assert problem.pop("requestId")
        headers = {name: value for name, value in answer.headers.items() if name not in VARYING}
        seen.append((answer.status_code, problem, headers))
    assert all(one == seen[0] for one in seen)
    assert "lock" not in str(seen[0])


async def test_an_account_that_does_not_exist_is_locked_alike(
    client: httpx.AsyncClient, database: Database, register: Any
) -> None:
    """SECURITY 5"""
    email = f"{new_id().hex}@example.org"
    await fail(client, email)
    assert (await count_of(database, email)).locked_until is not None
    account = await register(email=email)
    assert (await login(client, email, account.password)).status_code == 401


async def test_every_spelling_of_an_address_is_one_count(client: httpx.AsyncClient, account: Any) -> None:
    for spelling in (account.email, account.email.upper(), f" {account.email} ", account.email.title()):
        await fail(client, spelling, 1)
    await fail(client, account.email, 1)
    assert (await login(client, account.email, account.password)).status_code == 401


async def test_a_count_is_forgotten_after_a_day_without_failure(
    client: httpx.AsyncClient, account: Any, database: Database
) -> None:
    await fail(client, account.email, 4)
    key = account_key(email_key(account.email))
    async with database.write() as db:
        aged = update(AccountLockout).where(AccountLockout.key_sha256 == key)
        await db.execute(aged.values(last_failed_at=now() - timedelta(hours=24)))
    await fail(client, account.email, 4)
    assert (await login(client, account.email, account.password)).status_code == 200


async def test_of_300_attempts_at_once_from_many_addresses_no_more_than_the_policy_allows_reach_the_hash(
    sso_settings: Callable[..., Settings],
) -> None:
    """SECURITY 6: atomically, and across replicas. (tests/bench has 10,000 of them.)"""
    settings = sso_settings(**CHEAP)
    replica = sso_settings(**CHEAP, database_url=settings.database_url)
    async with served(sso.app.create_app(settings)) as one, served(sso.app.create_app(replica)) as other:
        await one.post("/auth/register", json=ADA)
        before = await hashes(one, "account")
        attack = [
            login((one, other)[n % 2], ADA["email"], f"{WRONG} {n}", ip=f"198.51.{n % 7}.{n % 256}")
            for n in range(300)
        ]
        assert {answer.status_code for answer in await asyncio.gather(*attack)} == {401}
        assert await hashes(one, "account") - before == 5
        assert (await login(one, ADA["email"], PASSWORD)).status_code == 401


async def test_several_right_sign_ins_at_once_do_not_lock_each_other_out(
    client: httpx.AsyncClient, account: Any
) -> None:
    answers = await asyncio.gather(
        *(login(client, account.email, account.password) for _ in range(12)),
    )
    assert {answer.status_code for answer in answers} == {200}


async def test_the_owner_is_told_once_a_day_and_it_is_on_their_trail(
    client: httpx.AsyncClient, account: Any, database: Database, mails: Any
) -> None:
    for n in range(5):
        await login(client, account.email, WRONG, ip=f"203.0.113.{n}")
    told = await mails.wait_for(account.email, "locked-out")
    assert told.data == {"name": "Ada Lovelace", "link": "https://resumax.test/auth/ui/reset"}
    key = account_key(email_key(account.email))
    await let_pass(database, key)
    await fail(client, account.email, 1)
    await let_pass(database, key)
    async with database.write() as db:
        aged = update(AccountLockout).where(AccountLockout.key_sha256 == key)
        await db.execute(aged.values(told_owner_at=now() - timedelta(days=1, minutes=1)))
    await fail(client, account.email, 1)
    await mails.wait_for(account.email, "locked-out", count=2)
    assert len(mails.to(account.email, "locked-out")) == 2
    async with database.read() as db:
        events = select(SecurityEvent).where(SecurityEvent.user_id == UUID(account.id))
        locked = [event for event in await db.scalars(events) if event.kind == "account.locked"]
    assert [event.details["addresses"] for event in locked] == ["5", "6", "6"]


@pytest_asyncio.fixture(scope="module")
async def strict(sso_settings: Callable[..., Settings], mails: Any) -> AsyncIterator[httpx.AsyncClient]:
    """An SSO of its own, which locks an address at its third failure."""
    async with served(sso.app.create_app(sso_settings(lockout_address_after=3))) as client:
        yield client


@pytest_asyncio.fixture
async def email(strict: httpx.AsyncClient) -> str:
    """Of somebody who has registered there."""
    body = {"email": f"{new_id().hex}@example.org", "password": PASSWORD, "name": "Ada"}
    assert (await strict.post("/auth/register", json=body)).status_code == 201
    return body["email"]


async def test_an_address_that_fails_on_many_accounts_is_locked_and_no_other(
    strict: httpx.AsyncClient, email: str
) -> None:
    """SECURITY 6"""
    for _ in range(3):
        await login(strict, f"{new_id().hex}@example.org", WRONG, ip="192.0.2.1")
    assert (await login(strict, email, PASSWORD, ip="192.0.2.1")).status_code == 401
    assert (await login(strict, email, PASSWORD, ip="192.0.2.2")).status_code == 200


async def test_success_clears_the_count_of_the_account_and_not_of_the_address(
    strict: httpx.AsyncClient, email: str
) -> None:
    """SECURITY 6"""
    ip = "192.0.2.7"
    for _ in range(2):
        await login(strict, email, WRONG, ip=ip)
    for _ in range(3):  # right ones neither add to what failed nor take anything of it
        assert (await login(strict, email, PASSWORD, ip=ip)).status_code == 200
    await login(strict, email, WRONG, ip=ip)
    assert (await login(strict, email, PASSWORD, ip=ip)).status_code == 401
    for n in range(3):  # the account itself begins at 0 again
        assert (await login(strict, email, WRONG, ip=f"198.18.0.{n}")).status_code == 401
    assert (await login(strict, email, PASSWORD, ip="198.18.0.9")).status_code == 200


async def test_the_64_of_an_ipv6_address_is_one_address(strict: httpx.AsyncClient, email: str) -> None:
    for n in range(3):
        await login(strict, f"{new_id().hex}@example.org", WRONG, ip=f"2001:db8:1:2::{n}")
    there = await login(strict, email, PASSWORD, ip="2001:db8:1:2:ffff::1")
    beside = await login(strict, email, PASSWORD, ip="2001:db8:1:3::1")
    assert (there.status_code, beside.status_code) == (401, 200)


def test_an_ipv4_address_is_the_same_in_ipv6() -> None:
    assert address_key("::ffff:192.0.2.1") == address_key("192.0.2.1") != address_key("192.0.2.2")
    assert address_key("unknown") == address_key("unknown")


async def test_an_address_that_no_trusted_proxy_vouches_for_counts_as_none(
    sso_settings: Callable[..., Settings],
) -> None:
    """SECURITY 7"""
    untrusting = sso_settings(lockout_address_after=3, trusted_proxies=["192.0.2.0/24"])
    async with served(sso.app.create_app(untrusting)) as client:
        await client.post("/auth/register", json=ADA)
        for n in range(3):
            await login(client, f"{new_id().hex}@example.org", WRONG, ip=f"198.51.100.{n}")
        assert (await login(client, ADA["email"], PASSWORD, ip="198.51.100.9")).status_code == 401


async def test_more_than_can_be_hashed_while_somebody_waits_is_refused_at_once_and_not_counted(
    sso_settings: Callable[..., Settings],
) -> None:
    settings = sso_settings(argon2_concurrency=1, argon2_memory_kib=4096, argon2_time=1)
    unlimited = httpx.Limits(max_connections=None)
    async with served(sso.app.create_app(settings)) as client:
        await client.post("/auth/register", json=ADA)
        emails = [f"{n}@example.org" for n in range(200)]
        async with httpx.AsyncClient(
            base_url=client.base_url, limits=unlimited, timeout=60, trust_env=False
        ) as crowd:
            answers = await asyncio.gather(
                *(login(crowd, email, WRONG, ip=f"198.51.100.{n}") for n, email in enumerate(emails))
            )
        refused = [(email, a) for email, a in zip(emails, answers, strict=True) if a.status_code == 503]
        assert {answer.status_code for answer in answers} == {401, 503}
        assert len(refused) <= 200 - 128
        assert {(a.headers["retry-after"], a.json()["code"]) for _, a in refused} == {("5", "UNAVAILABLE")}
        database = Database(settings.database_url)
        async with database.read() as db:
            assert await db.get(AccountLockout, account_key(refused[0][0])) is None
        await database.close()
        assert (await login(client, ADA["email"], PASSWORD)).status_code == 200
