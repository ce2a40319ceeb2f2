import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

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
