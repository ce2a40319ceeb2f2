"""The pytest fixtures of every service: `pytest_plugins = ["common.testing.fixtures"]`."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
import pytest_asyncio
import structlog

from common import migrations
from common.settings import Secret, ServiceSettings
from common.testing import containers
from common.testing.issuer import Issuer
from common.testing.ports import free_port
from common.testing.postgres import fresh_database, postgres
from common.testing.processes import S3, S3_ACCESS_KEY, S3_SECRET_KEY, Nats
from common.testing.served import served

S = TypeVar("S", bound=ServiceSettings)
MakeSettings = Callable[..., Any]
IN_CONTAINERS = os.environ.get("TEST_BACKENDS") == "containers"
KEY = Secret("dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC0")
"""What the settings of tests have for each key of 32 bytes."""
ON_POSTGRES = os.environ.get("TEST_DATABASE") == "postgresql"
"""Run the services' tests on PostgreSQL, as `make test-postgres` does."""


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Log lines as plain text: the tracebacks that structlog draws with `rich` take longer than most tests."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats | containers.Container]:
    """A NATS server with JetStream for the whole run; tests that kill theirs start one of their own."""
    if IN_CONTAINERS:
        yield from containers.nats()
        return
    server = Nats(tmp_path_factory.mktemp("nats"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3 | containers.Container]:
    if IN_CONTAINERS:
        yield from containers.s3()
        return
    server = S3(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.kill()  # SeaweedFS takes half a minute to stop, for data that nobody wants


@pytest_asyncio.fixture(scope="session")
async def issuer() -> AsyncIterator[Issuer]:
    """A token issuer over HTTP; its address is both `iss` and `RESUMAX_SSO_URL`."""
    port = free_port()
    issuer = Issuer(f"http://127.0.0.1:{port}")
    async with served(issuer.app(), port=port):
        yield issuer


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server for the whole run; `fresh_database` makes others beside it.

    The server is that of `API_DATABASE_URL` where that names one, else one of our own.
    """
    given = os.environ.get("API_DATABASE_URL", "")
    if given.startswith("postgresql"):
        yield fresh_database(given)
        return
    with postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Callable[[str], str]:
    """The URL of a fresh PostgreSQL database, migrated by the service whose package file is given."""

    @cache
    def template(package_file: str) -> str:
        url = fresh_database(postgres_url)
        migrations.upgrade(migrations.folder(package_file), url)
        return url

    return lambda package_file: fresh_database(postgres_url, like=template(package_file))


@pytest.fixture(scope="session")
def migrated(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], str]:
    """The URL of a fresh database, migrated by the service whose package file is given."""
    if ON_POSTGRES:
        made: Callable[[str], str] = request.getfixturevalue("migrated_postgres")
        return made

    @cache
    def template(package_file: str) -> Path:
        file = tmp_path_factory.mktemp("migrated") / "template.sqlite3"
        migrations.upgrade(migrations.folder(package_file), f"sqlite+aiosqlite:///{file}")
        return file

    def make(package_file: str) -> str:
        copy = tmp_path_factory.mktemp("db") / "test.sqlite3"
        copy.write_bytes(template(package_file).read_bytes())
        return f"sqlite+aiosqlite:///{copy}"

    return make


@pytest.fixture(scope="session")
def settings_for(nats: Nats, issuer: Issuer, migrated: Callable[[str], str]) -> MakeSettings:
    """Settings of a service for tests: `settings_for(Settings, package_file, **changes)`."""

    def make(kind: type[S], package_file: str, **changes: Any) -> S:
        nowhere = "http://127.0.0.1:9"
        values: dict[str, Any] = {
            "environment": "test",
            "public_url": issuer.url,
            "nats_url": nats.url,
            "s3_endpoint": nowhere,
            "s3_access_key": Secret(S3_ACCESS_KEY),
            "s3_secret_key": Secret(S3_SECRET_KEY),
            "sso_url": issuer.url,
            "api_url": nowhere,
            "account_url": nowhere,
            "admin_url": nowhere,
            "processor_url": nowhere,
            "rate_limits": "off",
            "port": 0,
            "client_secret": Secret("test-client-secret"),
            "shutdown_grace": 5.0,
        }
        asked_for = {field.name for field in msgspec.structs.fields(kind) if field.required}
        values |= {name: KEY for name in asked_for if name.endswith("_key") and name not in values}
        if "database_url" not in changes:
            changes["database_url"] = migrated(package_file)
        return kind(**(values | changes))

    return make


async def eventually(check: Callable[[], Any], *, within: float = 10.0) -> Any:
    """Wait until `await check()` is true (and return it); fail with what was last seen after `within` seconds."""
    end = asyncio.get_running_loop().time() + within
    while True:
        seen = await check()
        if seen:
            return seen
        assert asyncio.get_running_loop().time() < end, f"not within {within} s; last seen: {seen!r}"
        await asyncio.sleep(0.02)
