"""What a browser's session lacks for what is asked of it, and what its user has to do about it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from common.auth import MULTI_FACTOR, SINGLE_FACTOR
from common.db import Database
from common.ids import now
from sso.sessions.models import Session
from sso.step_ups import service
from sso.users.models import User

Ask = Callable[..., Awaitable[str | None]]
EITHER = [MULTI_FACTOR, SINGLE_FACTOR]


@pytest.fixture
def ask(database: Database) -> Ask:
    async def missing(
        account: Any, *, amr: list[str], ago: float, change: bool = False, **wanted: Any
    ) -> Any:
        async with database.write() as db:
            user = await db.get_one(User, UUID(account.id))
            session = (await db.scalars(select(Session).where(Session.user_id == user.id))).one()
            session.amr, session.authenticated_at = amr, now() - timedelta(seconds=ago)
            if change:
                return await service.missing_for_change(db, user, session, **wanted)
            return await service.missing(db, user, session, **wanted)

    return missing


@pytest.mark.parametrize(
    ("amr", "ago", "wanted", "expected"),
    [
        (["pwd"], 10**6, {}, None),
        (["pwd"], 30, {"max_age": 60}, None),
        (["pwd"], 90, {"max_age": 60}, "password"),
        (["pwd"], 1, {"max_age": 0}, "password"),
        (["pwd"], 0, {"acr_values": [SINGLE_FACTOR]}, None),
        (["pwd"], 0, {"acr_values": EITHER}, None),
        (["pwd"], 0, {"acr_values": ["urn:unknown"]}, None),
        (["pwd"], 0, {"acr_values": [MULTI_FACTOR]}, "set-up"),
        (["pwd"], 30, {"max_age": 60, "change": True}, None),
        (["pwd"], 90, {"max_age": 60, "change": True}, "password"),
    ],
)
async def test_without_a_second_factor_the_password_is_asked_for(
    account: Any, ask: Ask, amr: list[str], ago: float, wanted: dict[str, Any], expected: str | None
) -> None:
    assert await ask(account, amr=amr, ago=ago, **wanted) == expected


@pytest.mark.parametrize(
    ("amr", "ago", "wanted", "expected"),
    [
        (["pwd"], 10**6, {}, None),
        (["pwd"], 90, {"max_age": 60}, "second-factor"),
        (["pwd"], 0, {"acr_values": [MULTI_FACTOR]}, "second-factor"),
        (["pwd", "otp", "mfa"], 10**6, {"acr_values": [MULTI_FACTOR]}, None),
        (["pwd", "otp", "mfa"], 90, {"acr_values": [MULTI_FACTOR], "max_age": 60}, "second-factor"),
        (["pwd"], 30, {"max_age": 60, "change": True}, "second-factor"),
        (["pwd", "otp", "mfa"], 30, {"max_age": 60, "change": True}, None),
        (["pwd", "otp", "mfa"], 90, {"max_age": 60, "change": True}, "second-factor"),
    ],
)
async def test_with_a_second_factor_that_is_asked_for(
    protected: Any, ask: Ask, amr: list[str], ago: float, wanted: dict[str, Any], expected: str | None
) -> None:
    assert await ask(protected.account, amr=amr, ago=ago, **wanted) == expected


async def test_without_a_password_there_is_signing_in_again(
    account: Any, ask: Ask, database: Database
) -> None:
    async with database.write() as db:
        (await db.get_one(User, UUID(account.id))).password_hash = None
    assert await ask(account, amr=["email"], ago=90, max_age=60) == "sign-in"
    assert await ask(account, amr=["email"], ago=30, max_age=60) is None
