"""On PostgreSQL, where transactions do run beside each other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio

import sso.app
from common.db import Database
from common.ids import now
from common.testing.served import served
from sso import mailed_links
from sso.magic_links.models import MagicLink
from sso.password_resets.models import PasswordReset
from sso.settings import Settings
from sso.users import queries as users
from sso.verifications.models import EmailVerification

ROUTES = {
    "verify-email": ("/auth/verify/resend", "/auth/verify", EmailVerification),
    "magic-link": ("/auth/magic-link", "/auth/magic-link/confirm", MagicLink),
    "password-reset": ("/auth/password-reset/request", "/auth/password-reset/confirm", PasswordReset),
}


@pytest.fixture(scope="module")
def url(migrated_postgres: Callable[[str], str]) -> str:
    return migrated_postgres(sso.app.__file__)


@pytest_asyncio.fixture(scope="module")
async def on_postgres(sso_settings: Callable[..., Settings], url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with served(sso.app.create_app(sso_settings(database_url=url))) as client:
        yield client


@pytest.mark.parametrize("template", ROUTES)
async def test_a_link_that_is_used_while_a_newer_one_voids_it_waits_for_its_account_alone(
    on_postgres: httpx.AsyncClient, url: str, mails: Any, template: str
) -> None:
    ask, use, kind = ROUTES[template]
    email = f"{template}@links.test"
    body = {"email": email, "password": "correct horse battery", "name": "Ada"}
    assert (await on_postgres.post("/auth/register", json=body)).status_code == 201
    await mails.wait_for(email, "verify-email")
    count = len(mails.to(email, template)) + 1
    await on_postgres.post(ask, json={"email": email})
    link = (await mails.wait_for(email, template, count=count)).data["link"]
    shown = {"token": link.partition("token=")[2]}
    if template == "password-reset":
        shown["password"] = "a staple that nobody knew"
    database = Database(url)
    async with asyncio.timeout(10), database.write() as db:
        user = await users.lock_by_email(db, email)
        assert user is not None
        using = asyncio.create_task(on_postgres.post(use, json=shown))
        await asyncio.sleep(0.7)  # by now it waits for the account
        assert not using.done()
        await mailed_links.void(db, kind, user.id, at=now())
    answer = await using
    assert (answer.status_code, answer.json()["code"]) == (400, "TOKEN_INVALID")
    assert "newer" in answer.json()["detail"]
    await database.close()
