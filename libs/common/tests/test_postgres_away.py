"""What callers are told while PostgreSQL is away or cannot do what it usually can."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from widgets_service import app as widgets

from common import migrations
from common.db import Database
from common.problems import is_busy
from common.settings import ServiceSettings
from common.testing.fixtures import MakeSettings, eventually
from common.testing.issuer import Issuer
from common.testing.ports import free_port
from common.testing.postgres import postgres, stopped
from common.testing.served import served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("postgres")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with postgres(folder) as url:
        migrations.upgrade(migrations.folder(widgets.__file__), url)
        yield url


@pytest_asyncio.fixture
async def client(settings_for: MakeSettings, url: str) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(ServiceSettings, widgets.__file__, database_url=url)
    async with served(widgets.create_app(settings)) as client:
        yield client


async def test_while_postgresql_is_away_the_answer_is_503_and_after_it_all_is_well(
    client: httpx.AsyncClient, issuer: Issuer, folder: Path
) -> None:
    headers = issuer.headers("widgets")

    async def post() -> httpx.Response:
        return await client.post("/widgets/v1", json={"name": "one"}, headers=headers)

    assert (await post()).status_code == 201
    with stopped(folder):
        for _ in range(3):
            answer = await post()
            assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
            assert answer.headers["retry-after"] == "1"
    await eventually(lambda: _is_created(post))


async def test_nobody_listening_where_postgresql_should_be_is_busy() -> None:
    database = Database(f"postgresql+asyncpg://nobody:secret@127.0.0.1:{free_port()}/nothing")
    with pytest.raises(OperationalError) as raised:
        await database.check()
    assert is_busy(raised.value)
    await database.close()


@pytest.mark.parametrize(
    ("sqlstate", "busy"),
    [("40P01", True), ("53100", True), ("57P01", True), ("08006", True), ("22012", False), ("42P01", False)],
)
async def test_errors_that_pass_are_told_from_those_that_stay(url: str, sqlstate: str, busy: bool) -> None:
    database = Database(url)
    raises = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{sqlstate}'; END $$"
    with pytest.raises(DBAPIError) as raised:
        async with database.write() as db:
            await db.execute(text(raises))
    assert is_busy(raised.value) is busy
    await database.close()


async def _is_created(post: Callable[[], Awaitable[httpx.Response]]) -> bool:
    return (await post()).status_code == 201
