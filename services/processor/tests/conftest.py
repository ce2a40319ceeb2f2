"""The processor on real NATS and S3, with stand-ins for the api and the mail server at its edges."""

import os
import sys
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import select

import processor
from common.blobs import Blobs
from common.db import Base, Database
from common.settings import Secret
from common.testing.fixtures import MakeSettings
from common.testing.ports import free_port
from common.testing.processes import S3, Nats, Process, accepts
from common.testing.served import served
from processor.app import create_app
from processor.settings import Settings

sys.path.insert(0, str(Path(__file__).parent))

from processor_standins.api import Api
from processor_standins.forks import Forked, Zygote
from processor_standins.kinds import MakeProcessorSettings, Rows, Spawn, StartProcess, StartProcessor
from processor_standins.mailbox import Mailbox
from processor_standins.platform import Platform


@pytest_asyncio.fixture(scope="session")
async def api() -> AsyncIterator[Api]:
    api = Api()
    async with served(api.app(), port=api.port):
        yield api


@pytest_asyncio.fixture(scope="session")
async def mailbox() -> AsyncIterator[Mailbox]:
    async with Mailbox().open() as mailbox:
        yield mailbox


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    """A NATS of the processor's own, so that no job of another suite stands before its own."""
    server = Nats(tmp_path_factory.mktemp("processor-nats"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def processor_settings(
    settings_for: MakeSettings, broker: Nats, s3: S3, api: Api, mailbox: Mailbox
) -> MakeProcessorSettings:
    """Settings on the shared parts; a database of its own unless `database_url` names one."""

    def make(**changes: Any) -> Settings:
        values: dict[str, Any] = {
            "nats_url": broker.url,
            "s3_endpoint": s3.url,
            "api_url": api.url,
            "account_url": api.url,
            "smtp_url": Secret(mailbox.url),
            "mail_from": "resuMAX <no-reply@resumax.test>",
            "mail_key": Secret(urlsafe_b64encode(b"k" * 32).decode()),
            "ack_wait": 2.0,
            "template_uploads": "users",
            "template_timeout": 2.0,
        }
        settings: Settings = settings_for(Settings, processor.__file__, **(values | changes))
        return settings

    return make


@pytest.fixture(scope="session")
def settings(processor_settings: MakeProcessorSettings) -> Settings:
    """Those of the processor that most tests share."""
    return processor_settings()


@pytest_asyncio.fixture(scope="session")
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The processor, served."""
    async with served(create_app(settings)) as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def platform(client: httpx.AsyncClient, broker: Nats) -> AsyncIterator[Platform]:
    """The platform around the shared processor."""
    platform = Platform(broker.url)
    await platform.open()
    yield platform
    await platform.bus.close()


@pytest_asyncio.fixture
async def apart(tmp_path: Path) -> AsyncIterator[tuple[Nats, Platform]]:
    """A NATS server of one's own and the platform on it, for tests that stop processors or edges."""
    broker = Nats(tmp_path)
    broker.start()
    platform = Platform(broker.url)
    await platform.open()
    yield broker, platform
    await platform.bus.close()
    broker.stop()


@pytest_asyncio.fixture(scope="session")
async def blobs(processor_settings: MakeProcessorSettings) -> AsyncIterator[Blobs]:
    blobs = Blobs(processor_settings())
    yield blobs
    await blobs.close()


@pytest.fixture
def start_processor() -> StartProcessor:
    """`async with start_processor(settings)`: the processor inside the test's loop."""

    @asynccontextmanager
    async def start(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
        async with served(create_app(settings)) as client:
            yield client

    return start


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote()
    yield zygote
    zygote.close()


@pytest.fixture
def spawn(zygote: Zygote) -> Iterator[Spawn]:
    """`spawn(settings, arguments)`: Python as a process that can be killed, with the settings; it may not be ready yet."""
    started: list[Process] = []

    def launch(settings: Settings, arguments: list[str]) -> Process:
        port = free_port()
        environ = environment(msgspec.structs.replace(settings, port=port))
        process = Forked(zygote, arguments, ready=lambda: accepts(port), env=environ)
        started.append(process)
        process.launch()
        return process

    yield launch
    for process in started:
        process.kill()


@pytest.fixture
def start_process(spawn: Spawn) -> StartProcess:
    """`start_process(settings)`: the processor as a process that can be killed."""
    return lambda settings: spawn(settings, ["-m", "processor", "serve"]).until_ready()


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a process is told them."""
    told = {}
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        text = value.reveal() if isinstance(value, Secret) else value
        told[f"PROCESSOR_{name.upper()}"] = ",".join(text) if isinstance(text, list) else str(text)
    return {"PATH": os.environ["PATH"], **{k: v for k, v in told.items() if v not in {"", "{}", "None"}}}


@pytest.fixture
def rows() -> Rows:
    """`await rows(settings, Model)`: the whole table."""

    async def read(settings: Settings, model: type[Base]) -> list[Any]:
        database = Database(settings.database_url)
        async with database.read() as db:
            found = list(await db.scalars(select(model)))
        await database.close()
        return found

    return read
