"""API keys as every service takes them: by one exchange at the SSO, then like a token (SECURITY 13, 22)."""

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from litestar.types import ASGIApp
from widgets_service import app as widgets

from common import api_keys
from common.api_keys import ApiKeys, Exchange, is_well_formed, new_key
from common.bus import Bus
from common.ids import new_id
from common.kv import Bucket
from common.settings import ServiceSettings
from common.streams import AUTH_TOKENS
from common.testing.fixtures import MakeSettings, eventually
from common.testing.issuer import Issuer
from common.testing.ports import free_port
from common.testing.processes import Nats
from common.testing.served import served
from common.tokens import KeyCache, TokenVerifier, keys_over_http

PARTS = "/widgets/v1/parts"
READING = "widgets:read"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_a_key_looks_like_one_whose_checksum_others_can_work_out() -> None:
    """What scanners for leaked secrets rely on; it cannot change any more."""
    assert is_well_formed("rmx_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp")


def test_keys_are_made_of_178_random_bits() -> None:
    keys = [new_key() for _ in range(2000)]
    assert len(set(keys)) == 2000
    assert all(is_well_formed(key) and len(key) == 40 for key in keys)
    seen = [{key[place] for key in keys} for place in range(4, 34)]
    assert all(len(characters) == 62 for characters in seen)


@given(st.integers(4, 39), st.sampled_from(ALPHABET))
def test_a_key_with_one_wrong_character_is_no_key(place: int, wrong: str) -> None:
    key = new_key()
    typed = key[:place] + wrong + key[place + 1 :]
    assert is_well_formed(typed) == (typed == key)


@given(st.integers(4, 38))
def test_a_key_with_two_characters_swapped_is_no_key(place: int) -> None:
    key = new_key()
    typed = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    assert is_well_formed(typed) == (typed == key)


@given(
    st.text()
    | st.text().map("rmx_".__add__)
    | st.text(ALPHABET, min_size=36, max_size=36).map("rmx_".__add__)
)
def test_what_is_made_up_is_no_key(text: str) -> None:
    assert not is_well_formed(text)


class Sso(Issuer):
    """An SSO that takes its time over an exchange, and can be away."""

    def __init__(self) -> None:
        self.port = free_port()
        super().__init__(f"http://127.0.0.1:{self.port}")
        self.delay = 0.0

    def app(self) -> Any:
        inner: ASGIApp = super().app()

        async def slow(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and scope["path"].endswith("/exchange"):
                await asyncio.sleep(self.delay)
            await inner(scope, receive, send)

        return slow


@pytest_asyncio.fixture
async def sso() -> AsyncIterator[Sso]:
    sso = Sso()
    async with served(sso.app(), port=sso.port):
        yield sso


Serve = Callable[..., Any]


@pytest.fixture
def serve(settings_for: MakeSettings) -> Serve:
    """A widgets service of its own that asks `sso`: `async with serve(sso) as client`."""

    @asynccontextmanager
    async def running(sso: Sso, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
        where = {"sso_url": sso.url, "public_url": sso.url}
        async with served(
            widgets.create_app(settings_for(ServiceSettings, widgets.__file__, **(where | changes)))
        ) as client:
            yield client

    return running


async def ask(client: httpx.AsyncClient, key: str, path: str = PARTS, method: str = "GET") -> httpx.Response:
    return await client.request(method, path, headers={"Authorization": f"Bearer {key}"})


async def status(client: httpx.AsyncClient, key: str) -> int:
    return (await ask(client, key)).status_code


def becomes(client: httpx.AsyncClient, key: str, wanted: int) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return await status(client, key) == wanted

    return check


async def test_a_key_speaks_for_its_owner(client: httpx.AsyncClient, issuer: Issuer) -> None:
    owner = str(new_id())
    key = issuer.api_key("widgets", user_id=owner, scope=READING)
    answer = await ask(client, key)
    assert (answer.status_code, answer.json()) == (200, {"user": owner, "client": "api-key"})
    other = await ask(client, issuer.api_key("widgets", scope=READING))
    assert other.json()["user"] != owner


async def test_a_hundred_first_requests_with_a_key_make_one_exchange(sso: Sso, serve: Serve) -> None:
    key, sso.delay = sso.api_key("widgets", scope=READING), 0.1
    async with serve(sso, rate_limits="off") as client:
        assert await asyncio.gather(*(status(client, key) for _ in range(100))) == [200] * 100
        assert await status(client, key) == 200
    assert sso.exchanges == 1


@pytest.mark.parametrize(
    "bad", ["rmx_", "rmx_short", "rmx_" + "A" * 36, "rmx_" + "é" * 36, "rmx_ x", "rmx_" * 1000]
)
async def test_a_key_that_cannot_be_one_is_refused_without_asking(
    client: httpx.AsyncClient, issuer: Issuer, bad: str
) -> None:
    before = issuer.exchanges
    headers = [(b"Authorization", f"Bearer {bad}".encode("latin-1"))]
    answer = await client.get(PARTS, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (401, "The API key is not valid.")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert issuer.exchanges == before


async def test_a_key_that_was_refused_is_not_asked_for_again(sso: Sso, serve: Serve) -> None:
    key = new_key()
    async with serve(sso) as client:
        assert await asyncio.gather(*(status(client, key) for _ in range(50))) == [401] * 50
        assert await status(client, key) == 401
    assert sso.exchanges == 1


async def test_after_a_while_a_key_that_was_refused_is_looked_at_again(
    sso: Sso, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "REFUSED_FOR", 0.1)
    key = sso.api_key("widgets", scope=READING)
    given = sso.api_keys.pop(key)
    async with serve(sso) as client:
        assert await status(client, key) == 401
        sso.api_keys[key] = given
        await eventually(becomes(client, key, 200), within=2)


async def test_a_flood_of_made_up_keys_is_stopped_by_address_and_known_keys_go_on(
    sso: Sso, serve: Serve
) -> None:
    good = sso.api_key("widgets", scope=READING)
    async with serve(sso, rate_limits={"UNKNOWN api-key": {"count": 10, "window": 3600}}) as client:
        assert await status(client, good) == 200
        answers = [await ask(client, new_key()) for _ in range(15)]
        assert [answer.status_code for answer in answers] == [401] * 9 + [429] * 6
        assert answers[-1].json()["code"] == "RATE_LIMIT_EXCEEDED"
        assert "retry-after" in answers[-1].headers
        assert await status(client, good) == 200
    assert sso.exchanges == 10


async def test_what_is_remembered_of_keys_is_bounded(
    sso: Sso, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "_MOST_KNOWN", 2)
    monkeypatch.setattr(api_keys, "_MOST_REFUSED", 2)
    keys = [sso.api_key("widgets", scope=READING) for _ in range(3)]
    bad = [new_key() for _ in range(3)]
    async with serve(sso) as client:
        for key in (*keys, *bad):
            await status(client, key)
        assert sso.exchanges == 6
        assert [await status(client, key) for key in (keys[2], bad[2])] == [200, 401]
        assert sso.exchanges == 6
        assert [await status(client, key) for key in (keys[0], bad[0])] == [200, 401]
        assert sso.exchanges == 8


async def test_while_the_sso_is_away_known_keys_work_until_their_token_ends_and_others_wait(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    sso = Sso()
    end = time.time() + 3
    known, unknown = (sso.api_key("widgets", scope=READING, exp=int(end) + 1) for _ in range(2))
    async with serve(sso) as client:
        async with served(sso.app(), port=sso.port):
            assert await status(client, known) == 200
        refused = await ask(client, unknown)
        assert (refused.status_code, refused.json()["code"]) == (503, "UNAVAILABLE")
        assert "retry-after" in refused.headers
        assert await status(client, known) == 200
        await eventually(becomes(client, known, 503), within=5)
        assert time.time() >= end - 0.1
        async with served(sso.app(), port=sso.port):
            for key in (known, unknown):
                sso.api_keys[key] = lambda: sso.token("widgets", scope=READING)
                await eventually(becomes(client, key, 200), within=3)


async def test_an_sso_that_hangs_is_not_asked_by_everybody(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    sso, tried = Sso(), 0

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tried
        tried += 1
        writer.close()

    monkeypatch.setattr(api_keys, "RETRY_AFTER", 60.0)
    async with serve(sso) as client, await asyncio.start_server(hang_up, "127.0.0.1", sso.port):
        answers = [await status(client, new_key()) for _ in range(20)]
    assert answers == [503] * 20
    assert tried == 1


async def test_a_key_in_use_is_exchanged_anew_before_its_token_ends_and_nobody_waits_for_it(
    sso: Sso, serve: Serve
) -> None:
    key = sso.api_key("widgets", scope=READING)
    sid = new_id().hex
    sso.api_keys[key] = lambda: sso.token("widgets", scope=READING, sid=sid, exp=int(time.time()) + 3)
    slowest, exchanges = 0.0, 0
    async with serve(sso, rate_limits="off") as client:
        assert await status(client, key) == 200
        exchanges, sso.delay, end = sso.exchanges, 0.3, time.monotonic() + 4
        while time.monotonic() < end:
            started = time.monotonic()
            assert await status(client, key) == 200
            slowest = max(slowest, time.monotonic() - started)
            await asyncio.sleep(0.01)
    assert sso.exchanges > exchanges
    assert sso.exchanges <= 5
    assert slowest < 0.25


async def test_a_key_that_is_refused_when_it_is_exchanged_anew_ends_at_once(
    sso: Sso, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "_RENEW_AT", 0.0)
    key = sso.api_key("widgets", scope=READING)
    async with serve(sso) as client:
        assert await status(client, key) == 200
        del sso.api_keys[key]
        await eventually(becomes(client, key, 401), within=1)


# SECURITY 13
async def test_a_revoked_key_is_over_within_a_second(
    client: httpx.AsyncClient, issuer: Issuer, nats: Nats
) -> None:
    ids = [new_id().hex, new_id().hex]
    key, other = (issuer.api_key("widgets", scope=READING, sid=sid) for sid in ids)
    assert [await status(client, key), await status(client, other)] == [200, 200]
    bus = Bus(nats.url, name="sso", streams=[AUTH_TOKENS])
    await bus.start()
    try:
        del issuer.api_keys[key]
        assert await Bucket(bus, AUTH_TOKENS).put(f"revoked.{ids[0]}", b"1", ttl=600)
        await eventually(becomes(client, key, 401), within=1)
    finally:
        await bus.close()
    assert await status(client, other) == 200


# SECURITY 22
async def test_a_key_may_do_what_its_scopes_say_and_no_more(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    reader = issuer.api_key("widgets", scope="widgets:read account:write")
    writer = issuer.api_key("widgets", scope="widgets:write")
    for key, method, missing in ((reader, "POST", "widgets:write"), (writer, "GET", "widgets:read")):
        answer = await ask(client, key, method=method)
        assert (answer.status_code, answer.json()["code"]) == (403, "INSUFFICIENT_SCOPE")
        assert missing in answer.headers["www-authenticate"]
    assert (await ask(client, reader)).status_code == 200
    assert (await ask(client, writer, method="POST")).status_code == 200
    for key in (reader, writer):
        assert (await ask(client, key, "/widgets/v1/limited")).json()["code"] == "INSUFFICIENT_SCOPE"
        assert (await ask(client, key, "/internal/ping")).status_code == 403


async def test_an_exchange_that_gives_another_services_token_is_refused(sso: Sso, serve: Serve) -> None:
    key = sso.api_key("gadgets", scope=READING)
    async with serve(sso) as client:
        assert await status(client, key) == 401


async def test_requests_by_key_count_against_its_owners_limit(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    owner = new_id()
    one, two = (issuer.api_key("widgets", user_id=owner, scope=READING) for _ in range(2))
    left = [int((await ask(client, key)).headers["x-ratelimit-remaining"]) for key in (one, two, one)]
    token = issuer.headers("widgets", user_id=owner)
    left.append(int((await client.get(PARTS, headers=token)).headers["x-ratelimit-remaining"]))
    assert left == [19, 18, 17, 16]


# SECURITY 27
async def test_keys_never_reach_a_log(
    sso: Sso, serve: Serve, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    good, bad = sso.api_key("widgets", scope=READING), new_key()
    elsewhere = sso.api_key("gadgets", scope=READING)
    async with serve(sso) as client:
        assert [await status(client, key) for key in (good, bad, elsewhere)] == [200, 401, 401]
    async with serve(Sso()) as client:
        assert await status(client, bad) == 503
    written = capsys.readouterr()
    logs = written.out + written.err + caplog.text
    assert "api_key_token_refused" in logs
    for key in (good, bad, elsewhere):
        assert key[4:] not in logs


def keys_of(issuer: Issuer, exchange: Exchange) -> tuple[ApiKeys, TokenVerifier]:
    verifier = TokenVerifier(
        issuer=issuer.url,
        audience="widgets",
        keys=KeyCache(keys_over_http(issuer.url)),
        is_revoked=lambda _token_id, _session_id: False,
    )
    return ApiKeys(exchange, verifier), verifier


async def admit() -> None:
    pass


async def test_a_key_is_remembered_by_its_hash_alone(issuer: Issuer) -> None:
    key = issuer.api_key("widgets", scope=READING)

    async def exchange(shown: str) -> str:
        return issuer.api_keys[shown]()

    keys, verifier = keys_of(issuer, exchange)
    await keys.verify(key.encode(), admit=admit)
    held = repr(vars(keys)) + repr(vars(verifier))
    assert repr(hashlib.sha256(key.encode()).digest()) in held
    assert key not in held


async def test_whoever_asked_first_and_left_does_not_take_the_exchange_along(issuer: Issuer) -> None:
    key, asked = issuer.api_key("widgets", scope=READING), 0

    async def exchange(shown: str) -> str:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        return issuer.api_keys[shown]()

    keys, _ = keys_of(issuer, exchange)
    first, second = (asyncio.create_task(keys.verify(key.encode(), admit=admit)) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    assert (await second).client_id == "api-key"
    assert first.cancelled()
    assert asked == 1
