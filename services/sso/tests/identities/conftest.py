"""An SSO that knows other providers: `acme` and `other` speak OpenID Connect, `hub` is a GitHub of its own, `plain` an
OpenID provider that has neither PKCE nor nonce."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

import sso.app
from common.settings import Secret
from common.testing.ports import free_port
from common.testing.served import served
from sso.settings import Settings

from .browser import Browser
from .upstream import CLIENT_ID, CLIENT_SECRET, Upstream, app

FRONT_END = "https://app.resumax.test"
_FRESH = 40
US = {"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET}


async def _served() -> AsyncIterator[Upstream]:
    port = free_port()
    upstream = Upstream(f"http://127.0.0.1:{port}")
    async with served(app(upstream), port=port):
        yield upstream


@pytest_asyncio.fixture(scope="session")
async def first() -> AsyncIterator[Upstream]:
    async for upstream in _served():
        yield upstream


@pytest_asyncio.fixture(scope="session")
async def second() -> AsyncIterator[Upstream]:
    async for upstream in _served():
        yield upstream


@pytest.fixture
def upstream(first: Upstream) -> Upstream:
    first.behave()
    return first


@pytest.fixture
def other(second: Upstream) -> Upstream:
    second.behave()
    return second


@pytest.fixture(scope="session")
def with_providers(
    sso_settings: Callable[..., Settings], settings: Settings, client: httpx.AsyncClient
) -> Callable[..., Settings]:
    """Settings of an SSO on the database of the others, with these providers."""

    def make(providers: dict[str, Any], **changes: Any) -> Settings:
        return sso_settings(
            database_url=settings.database_url,
            providers=Secret(msgspec.json.encode(providers).decode()),
            cors_origins=[FRONT_END],
            provider_timeout=1.0,
            **changes,
        )

    return make


@pytest_asyncio.fixture(scope="session")
async def federated(
    with_providers: Callable[..., Settings], first: Upstream, second: Upstream
) -> AsyncIterator[httpx.AsyncClient]:
    nowhere = f"http://127.0.0.1:{free_port()}"
    providers = {
        "acme": {"kind": "oidc", "name": "Acme", "issuer": first.url, **US},
        "other": {"kind": "oidc", "name": "Other", "issuer": second.url, **US},
        "hub": {"kind": "github", "name": "Hub", "issuer": first.url, **US},
        "plain": {"kind": "linkedin", "name": "Plain", "issuer": second.url, **US},
        "away": {"kind": "oidc", "name": "Away", "issuer": nowhere, **US},
        "posting": {
            "kind": "oidc",
            "name": "P",
            "issuer": first.url,
            "authMethod": "client_secret_post",
            **US,
        },
        "scoped": {
            "kind": "oidc",
            "name": "S",
            "issuer": first.url,
            "scopes": ["email", "r_basicprofile"],
            **US,
        },
    }
    acme = providers["acme"]
    providers |= {f"acme-{number}": acme for number in range(_FRESH)}
    async with served(sso.app.create_app(with_providers(providers))) as client:
        yield client


@pytest.fixture(scope="session")
def unused() -> Iterator[str]:
    return (f"acme-{number}" for number in range(_FRESH))


@pytest.fixture
def fresh(unused: Iterator[str], upstream: Upstream) -> str:
    """Acme under another name, of which the SSO has not fetched anything yet."""
    return next(unused)


@pytest.fixture
def browser(federated: httpx.AsyncClient) -> Browser:
    return Browser(federated)


@pytest.fixture
def another_browser(federated: httpx.AsyncClient) -> Browser:
    return Browser(federated)


SignedIn = Callable[..., Awaitable[Browser]]


@pytest.fixture
def signed_in(federated: httpx.AsyncClient) -> SignedIn:
    """A browser in which the owner of an account has signed in with their password."""

    async def make(account: Any) -> Browser:
        browser = Browser(federated)
        login = {"email": account.email, "password": account.password, "useCookie": True}
        assert (await browser.post("/auth/login", json=login)).status_code == 200
        return browser

    return make
