import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest_asyncio

from common.db import Database
from common.settings import ServiceSettings
from common.testing.fixtures import MakeSettings
from common.testing.served import served

sys.path.insert(0, str(Path(__file__).parent))

from widgets_service import app as widgets


@pytest_asyncio.fixture(scope="session")
async def client(settings_for: MakeSettings) -> AsyncIterator[httpx.AsyncClient]:
    """The widgets service, served."""
    async with served(
        widgets.create_app(settings_for(ServiceSettings, widgets.__file__, rate_limits={}))
    ) as client:
        yield client


@pytest_asyncio.fixture
async def database(migrated: Callable[[str], str]) -> AsyncIterator[Database]:
    """The database of a widgets service that does not run: what is in it only the test does."""
    database = Database(migrated(widgets.__file__))
    yield database
    await database.close()
