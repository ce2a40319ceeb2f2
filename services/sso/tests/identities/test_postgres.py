"""On PostgreSQL, where transactions do run beside each other."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import msgspec
import pytest
import pytest_asyncio

import sso.app
from common.settings import Secret
from common.testing.served import served
from sso.settings import Settings

from .browser import Browser
from .conftest import US
from .test_linking import link
from .upstream import Upstream


@pytest.fixture(scope="module")
def url(migrated_postgres: Callable[[str], str]) -> str:
    return migrated_postgres(sso.app.__file__)


@pytest_asyncio.fixture(scope="module")
async def on_postgres(
    sso_settings: Callable[..., Settings], url: str, first: Upstream, second: Upstream
) -> AsyncIterator[httpx.AsyncClient]:
    providers = {
        name: {"kind": "oidc", "name": name, "issuer": found.url, **US}
        for name, found in (("acme", first), ("other", second))
    }
    secret = Secret(msgspec.json.encode(providers).decode())
    async with served(sso.app.create_app(sso_settings(database_url=url, providers=secret))) as client:
        yield client


async def test_some_that_come_back_at_once_make_one_account(
    on_postgres: httpx.AsyncClient, upstream: Upstream
) -> None:
    browsers = [Browser(on_postgres) for _ in range(4)]
    returns = [await browser.go() for browser in browsers]
    answers = await asyncio.gather(
        *(browser.get(url) for browser, url in zip(browsers, returns, strict=True))
    )
    assert [answer.status_code for answer in answers] == [303] * 4
    assert len({(await browser.me())["id"] for browser in browsers}) == 1


async def test_of_two_identities_removed_at_once_one_stays(
    on_postgres: httpx.AsyncClient, upstream: Upstream, other: Upstream
) -> None:
    browser = Browser(on_postgres)
    await browser.sign_in()
    await link(browser, "other")
    identities, headers = await browser.identities(), await browser.headers()
    assert len(identities) == 2
    answers = await asyncio.gather(
        *(on_postgres.delete(f"/auth/identities/{found['id']}", headers=headers) for found in identities)
    )
    assert sorted(answer.status_code for answer in answers) == [204, 409]
