"""An SSO at an address of its own, as clients see it that nobody here wrote."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import msgspec
import pytest_asyncio
from sso_standins.browsers import Browser

import sso.app
from common.db import Database
from common.ids import new_id
from common.testing.ports import free_port
from common.testing.served import served
from sso.clients.models import OAuthClient
from sso.settings import Settings


class Live(msgspec.Struct, frozen=True):
    """The SSO, and who signs in to it."""

    issuer: str
    http: httpx.AsyncClient
    database: Database
    email: str
    password: str

    def address(self, path: str) -> str:
        return f"{self.issuer}{path}"

    async def register(self, **columns: Any) -> str:
        """Register a client; its id."""
        client_id = f"client-{new_id().hex}"
        async with self.database.write() as db:
            db.add(OAuthClient(id=client_id, **columns))
        return client_id

    async def sign_in(self, address: str) -> str:
        """Send somebody's browser to `address`: they sign in on our page, and consent if they are asked to. Where they
        are sent back to."""
        browser = Browser(self.issuer)
        async with browser.http:
            await browser.open(address)
            await browser.send("password", email=self.email, password=self.password)
            if not browser.left_for:
                await browser.send("account", decision="allow")
            return browser.left_for


@pytest_asyncio.fixture(scope="module")
async def live(sso_settings: Callable[..., Settings]) -> AsyncIterator[Live]:
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    settings = sso_settings(public_url=issuer)
    database = Database(settings.database_url)
    async with served(sso.app.create_app(settings), port=port) as http:
        person = {"email": "ada@example.org", "password": "correct horse battery", "name": "Ada Lovelace"}
        assert (await http.post("/auth/register", json=person)).status_code == 201
        yield Live(issuer, http, database, person["email"], person["password"])
    await database.close()
