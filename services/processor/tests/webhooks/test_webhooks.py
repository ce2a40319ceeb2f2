"""Deliveries to webhooks: from a job in the queue to an endpoint somewhere on the internet."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from processor_standins.api import Api, judge
from processor_standins.kinds import MakeProcessorSettings
from processor_standins.platform import Platform

from common.contracts.jobs import Job
from common.contracts.webhooks import SignedDelivery, WebhookJob
from common.ids import new_id
from common.outgoing import Address
from common.settings import SettingsError, load
from common.testing.fixtures import eventually
from common.testing.ports import free_port
from common.testing.processes import Nats
from common.testing.served import served
from processor.app import create_app
from processor.settings import Settings
from processor.webhooks.sending import NoAnswer, Sender

BODY = '{"type":"export.succeeded","name":"Zoë"}'


class Receiver:
    """Somebody's endpoint: keeps what it is sent, and answers as it is told to. `answers` are used up one by one, the
    last one for good."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/hook?key=1"
        self.requests: list[bytes] = []
        self.answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]
        self.delay = 0.0
        self.under_way = self.most = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Receiver"]:
        async with await asyncio.start_server(self._answer, "127.0.0.1", self.port):
            yield self

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        self.requests.append(head + await reader.readexactly(length))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(self.delay)
        self.under_way -= 1
        writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        writer.close()


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def delivery(url: str) -> SignedDelivery:
    headers = {"Content-Type": "application/json", "webhook-id": "1", "webhook-signature": "v1,abc="}
    return SignedDelivery(number=1, url=url, headers=headers, body=BODY)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().open() as receiver:
        yield receiver


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hooks(
    processor_settings: MakeProcessorSettings, tmp_path_factory: pytest.TempPathFactory, api: Api
) -> AsyncIterator[Platform]:
    """The platform around a processor that may reach the tests' own machine."""
    broker = Nats(tmp_path_factory.mktemp("hooks"))
    broker.start()
    platform = Platform(broker.url)
    await platform.open()
    settings = processor_settings(nats_url=broker.url, webhooks_allow_private=True, webhook_timeout=0.6)
    async with served(create_app(settings)):
        yield platform
    await platform.bus.close()
    broker.stop()


@pytest.fixture
def deliver(hooks: Platform, api: Api) -> Callable[[str], Any]:
    """`await deliver(url)`: the job, once it has ended, and its id."""

    async def through(url: str) -> tuple[Any, UUID]:
        job_id = new_id()
        api.deliveries[job_id] = delivery(url)
        payload = msgspec.to_builtins(WebhookJob(delivery_id=job_id))
        await hooks.publish(Job(id=job_id, kind=WebhookJob.KIND, user_id=new_id(), payload=payload))
        return await hooks.ended(job_id), job_id

    return through


async def test_what_the_api_signed_arrives_as_it_is(receiver: Receiver, deliver: Any, api: Api) -> None:
    ended, job_id = await deliver(receiver.url)
    assert (ended.state, ended.result) == ("succeeded", {"isDelivered": True})
    [request] = receiver.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert body.decode() == BODY
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hook?key=1 HTTP/1.1"
    assert {"webhook-id: 1", "webhook-signature: v1,abc=", "Content-Type: application/json"} <= set(lines)
    assert "authorization" not in head.decode().lower()  # nothing of ours goes along
    [attempt] = api.attempts[job_id]
    assert (attempt.number, attempt.status, attempt.error) == (1, 200, "")
    assert attempt.milliseconds < 600


async def test_a_delivery_is_tried_again_when_the_api_says_so(
    receiver: Receiver, deliver: Any, api: Api, hooks: Platform
) -> None:
    receiver.answers = [answer("503 Busy"), answer("204 No Content")]
    ended, job_id = await deliver(receiver.url)
    assert ended.result == {"isDelivered": True}
    assert ended.attempt == 1  # waiting is no attempt that failed
    assert [attempt.status for attempt in api.attempts[job_id]] == [503, 204]
    assert "retrying" in hooks.states(job_id)


async def test_a_delivery_that_is_given_up_ends_its_job_quietly(
    receiver: Receiver, deliver: Any, api: Api
) -> None:
    """It is the endpoint's failure and its owner's to see: nobody here has to look after it."""
    receiver.answers = [answer("500 Oops")]
    ended, job_id = await deliver(receiver.url)
    assert (ended.state, ended.result) == ("succeeded", {"isDelivered": False})
    assert len(api.attempts[job_id]) == 2


async def test_a_host_that_answers_late_keeps_nobody_else_waiting(receiver: Receiver, deliver: Any) -> None:
    """Whoever has how many endpoints there: two deliveries are under way to one host, and there are four workers."""
    receiver.delay = 0.3
    async with Receiver().open() as other:
        late = [asyncio.create_task(deliver(f"{receiver.url}&n={n}")) for n in range(6)]

        async def is_busy() -> bool:
            return receiver.under_way > 0

        await eventually(is_busy)
        ended, _ = await deliver(other.url.replace("127.0.0.1", "localhost"))
        assert ended.result == {"isDelivered": True}
        assert len(receiver.requests) < len(late), "others wait on"
        assert [(await task)[0].result for task in late] == [{"isDelivered": True}] * len(late)
    assert receiver.most == 2


async def test_what_is_not_wanted_any_more_is_not_delivered(
    receiver: Receiver, hooks: Platform, api: Api
) -> None:
    payload = msgspec.to_builtins(WebhookJob(delivery_id=new_id()))
    job = Job(id=new_id(), kind=WebhookJob.KIND, user_id=new_id(), payload=payload)
    await hooks.publish(job)
    assert (await hooks.ended(job.id)).result == {"isDelivered": False}
    api.judge = lambda _attempts: None  # deleted while it was on its way
    try:
        job_id = new_id()
        api.deliveries[job_id] = delivery(receiver.url)
        payload = msgspec.to_builtins(WebhookJob(delivery_id=job_id))
        await hooks.publish(Job(id=job_id, kind=WebhookJob.KIND, user_id=new_id(), payload=payload))
        assert (await hooks.ended(job_id)).result == {"isDelivered": False}
    finally:
        api.judge = judge


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (answer("302 Found", "Location: http://127.0.0.1:1/"), 302),
        (answer("200 OK", "Content-Encoding: gzip", body=b"not gzip"), 200),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000, 200),
        (answer("410 Gone"), 410),
    ],
)
async def test_only_the_status_counts_and_no_redirect_is_followed(
    receiver: Receiver, said: bytes, status: int
) -> None:
    receiver.answers = [said]
    sender = Sender(timeout=2, allow_private=True)
    assert await sender.send(delivery(receiver.url)) == status
    assert len(receiver.requests) == 1
    await sender.close()


async def test_an_endpoint_has_so_much_time_and_no_more(receiver: Receiver) -> None:
    receiver.delay = 5
    sender = Sender(timeout=0.2, allow_private=True)
    with pytest.raises(NoAnswer, match="in time"):
        await sender.send(delivery(receiver.url))
    await sender.close()
    sender = Sender(timeout=10, allow_private=True)
    receiver.delay, receiver.answers = 0, [b"\x00\x01 nonsense\r\n\r\n"]
    with pytest.raises(NoAnswer, match="can be read"):
        await sender.send(delivery(receiver.url))
    with pytest.raises(NoAnswer, match="no connection"):
        await sender.send(delivery(f"http://127.0.0.1:{free_port()}/"))
    await sender.close()


# SECURITY 23
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "0x7f.1", "[::ffff:127.0.0.1]", "2130706433"]
)
async def test_our_own_network_is_never_asked(receiver: Receiver, host: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("processor.webhooks.sending.WEB_PORTS", frozenset({receiver.port}))
    sender = Sender(timeout=2, allow_private=False)
    with pytest.raises(NoAnswer, match="not an address of the public internet"):
        await sender.send(delivery(f"http://{host}:{receiver.port}/"))
    await sender.close()
    assert receiver.requests == []


async def test_a_name_that_turns_to_our_own_network_is_not_followed_there(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: what is connected to is what was checked, and each attempt checks anew."""
    answers = ["203.0.113.1", "127.0.0.1"]

    async def lookup(_host: str, _port: int) -> list[Address]:
        return [ip_address(answers.pop(0))]

    monkeypatch.setattr("processor.webhooks.sending.WEB_PORTS", frozenset({receiver.port}))
    sender = Sender(timeout=0.3, allow_private=False, resolve=lookup)
    for _ in range(2):
        with pytest.raises(NoAnswer):
            await sender.send(delivery(f"http://hooks.example.org:{receiver.port}/"))
    assert answers == []
    assert receiver.requests == []
    await sender.close()


async def test_only_ports_of_the_web_are_asked() -> None:
    async def lookup(_host: str, _port: int) -> list[Address]:
        raise AssertionError("nothing is looked up for it")

    sender = Sender(timeout=2, allow_private=False, resolve=lookup)
    for port in (22, 25, 587, 6379, 4222):
        with pytest.raises(NoAnswer, match="not a port of the web"):
            await sender.send(delivery(f"http://hooks.example.org:{port}/"))
    await sender.close()


async def test_no_proxy_of_the_environment_is_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    sender = Sender(timeout=2, allow_private=True)
    assert await sender.send(delivery(receiver.url)) == 200
    await sender.close()


def test_production_sends_nothing_to_its_own_network(settings: Settings) -> None:
    """SECURITY 23, 29"""
    environ = {
        f"PROCESSOR_{name.upper()}": value.reveal() if hasattr(value, "reveal") else str(value)
        for name in ("smtp_url", "mail_from", "mail_key", "database_url", "port")
        for value in [getattr(settings, name)]
    } | {
        f"RESUMAX_{name.upper()}": value.reveal() if hasattr(value, "reveal") else str(value)
        for name in (
            "public_url", "nats_url", "s3_endpoint", "s3_access_key", "s3_secret_key", "sso_url", "api_url",
            "account_url", "admin_url", "processor_url",
        )
        for value in [getattr(settings, name)]
    }  # fmt: skip
    assert not load(Settings, "PROCESSOR", environ).webhooks_allow_private
    with pytest.raises(SettingsError, match="PROCESSOR_WEBHOOKS_ALLOW_PRIVATE"):
        load(Settings, "PROCESSOR", environ | {"PROCESSOR_WEBHOOKS_ALLOW_PRIVATE": "true"})
    with pytest.raises(SettingsError, match="PROCESSOR_MAIL_KEY"):
        load(Settings, "PROCESSOR", environ | {"PROCESSOR_MAIL_KEY": "short"})
