from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from common.db import Database
from sso.callers import Caller
from sso.logins.attempts import PasswordAttempts
from sso.passwords.hashing import Passwords
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
