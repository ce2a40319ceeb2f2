import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from common.db import Database
from sso.callers import Caller
from sso.logins.attempts import PasswordAttempts
from sso.passwords import hashing
from sso.passwords.hashing import HashingBusy, Passwords
from sso.settings import Settings
from sso.users.models import SUSPENDED, User

CALLER = Caller(ip="203.0.113.20", user_agent="test")


@pytest_asyncio.fixture
async def attempts(database: Database, settings: Settings) -> AsyncIterator[PasswordAttempts]:
    passwords = Passwords(settings)
    await passwords.start()
    yield PasswordAttempts(database, passwords, settings)
    await passwords.close()


@pytest.mark.parametrize(
    "changes", [{"password_hash": "$argon2id$another"}, {"status": SUSPENDED}], ids=["changed", "suspended"]
)
async def test_a_right_password_is_none_if_meanwhile_it_was_changed_or_its_owner_suspended(
    attempts: PasswordAttempts, account: Any, database: Database, changes: dict[str, str]
) -> None:
    async with attempts.on(account.email, caller=CALLER) as attempt:
        assert await attempt.verify(account.password)
        async with database.write() as db:
            user = await db.get_one(User, UUID(account.id))
            for name, value in changes.items():
                setattr(user, name, value)
        async with database.write() as db:
            assert await attempt.settle(db, is_right=True, failure="login.failed") is None


async def test_a_right_password_gives_the_account(
    attempts: PasswordAttempts, account: Any, database: Database
) -> None:
    async with attempts.on(account.email, caller=CALLER) as attempt:
        assert await attempt.verify(account.password)
        async with database.write() as db:
            settled = await attempt.settle(db, is_right=True, failure="login.failed")
    assert settled is not None
    assert str(settled.id) == account.id


async def test_those_who_wait_for_one_account_do_not_take_the_places_of_others(
    database: Database,
    sso_settings: Callable[..., Settings],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hashing, "WAITING_PER_CORE", 2)
    few = sso_settings(database_url=settings.database_url, argon2_concurrency=1)
    passwords = Passwords(few)
    attempts = PasswordAttempts(database, passwords, few)

    async def wait() -> None:
        async with attempts.on("besieged@example.org", caller=Caller("203.0.113.21", "test")):
            pass

    async with attempts.on("besieged@example.org", caller=CALLER):
        waiting = [asyncio.create_task(wait()) for _ in range(10)]
        await asyncio.sleep(0.05)
        async with attempts.on("somebody@example.org", caller=CALLER):
            with pytest.raises(HashingBusy):
                async with attempts.on("another@example.org", caller=CALLER):
                    pass
    await asyncio.gather(*waiting)
    await passwords.close()
