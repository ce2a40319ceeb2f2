"""Rate limits hold across replicas and restarts, and know who is calling."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from widgets_service import app as widgets

from common.bus import Bus
from common.ids import new_id
from common.limits import Limit, RateLimiter
from common.settings import ServiceSettings
from common.streams import COUNTERS
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.processes import Nats
from common.testing.served import served

HOUR = 3600


@asynccontextmanager
async def limiter(nats: Nats) -> AsyncIterator[RateLimiter]:
    """The limiter of one replica."""
    bus = Bus(nats.url, name="tests", streams=[COUNTERS])
    await bus.start()
    try:
        yield RateLimiter(bus, {})
    finally:
        await bus.close()


async def allowed(limiters: list[RateLimiter], key: str, limit: Limit, tries: int) -> int:
    """How many of `tries` hits at once, spread over the replicas, were allowed."""
    takes = [limiters[n % len(limiters)].take(key, limit) for n in range(tries)]
    return sum(ok for ok, _, _ in await asyncio.gather(*takes))


@pytest.mark.parametrize("count", [1, 5, 50, 99])
async def test_two_replicas_allow_exactly_the_limit_between_them(nats: Nats, count: int) -> None:
    async with limiter(nats) as one, limiter(nats) as two:
        key, limit = new_id().hex, Limit(count, HOUR)
        assert await allowed([one, two], key, limit, 2 * count + 10) == count
        assert await allowed([one, two], key, limit, 10) == 0


async def test_a_large_limit_is_never_exceeded_and_at_most_a_hundredth_a_replica_is_left(nats: Nats) -> None:
    async with limiter(nats) as one, limiter(nats) as two:
        assert 980 <= await allowed([one, two], new_id().hex, Limit(1000, HOUR), 1500) <= 1000


async def test_a_restarted_replica_goes_on_counting_where_it_was(nats: Nats) -> None:
    key, limit = new_id().hex, Limit(5, HOUR)
    async with limiter(nats) as before:
        assert await allowed([before], key, limit, 3) == 3
    async with limiter(nats) as after:
        assert await allowed([after], key, limit, 5) == 2


async def test_each_key_and_each_window_counts_for_itself(nats: Nats) -> None:
    async with limiter(nats) as one:
        mine, limit = new_id().hex, Limit(2, 1)
        assert await allowed([one], new_id().hex, Limit(2, HOUR), 3) == 2
        assert await allowed([one], mine, limit, 1) == 1
        await asyncio.sleep(1.1)
        assert await allowed([one], mine, limit, 2) == 2


async def test_while_nats_is_away_each_process_counts_for_itself(tmp_path: Path) -> None:
    broker = Nats(tmp_path)
    broker.start()
    try:
        async with limiter(broker) as one, limiter(broker) as two:
            key, limit = new_id().hex, Limit(10, HOUR)
            assert await allowed([one], key, limit, 4) == 4
            broker.kill()
            await asyncio.sleep(0.1)
            assert await allowed([one], key, limit, 20) == 6, "what it knew it still knows"
            assert await allowed([two], key, limit, 20) == 10
    finally:
        broker.kill()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def behind_a_proxy(settings_for: MakeSettings) -> AsyncIterator[httpx.AsyncClient]:
    """A widgets service that trusts whoever calls from this machine, and 10.0.0.0/8, as proxies."""
    settings = settings_for(
        ServiceSettings,
        widgets.__file__,
        rate_limits={},
        trusted_proxies=["127.0.0.1/32", "10.0.0.0/8"],
    )
    async with served(widgets.create_app(settings)) as client:
        yield client


def an_address() -> str:
    return f"2001:db8:{new_id().hex[-4:]}:{new_id().hex[-8:-4]}::1"


async def exhaust(client: httpx.AsyncClient, *forwarded: str) -> httpx.Response:
    """Use up the three anonymous requests of an address; the last of them."""
    headers = [("X-Forwarded-For", value) for value in forwarded]
    for _ in range(3):
        answer = await client.get("/open", headers=headers)
        assert answer.status_code == 200
    return answer


async def test_behind_a_trusted_proxy_each_address_has_its_own_limit(
    behind_a_proxy: httpx.AsyncClient,
) -> None:
    one, other = an_address(), an_address()
    last = await exhaust(behind_a_proxy, one)
    assert last.headers["x-ratelimit-remaining"] == "0"
    assert (await behind_a_proxy.get("/open", headers={"X-Forwarded-For": one})).status_code == 429
    assert (await behind_a_proxy.get("/open", headers={"X-Forwarded-For": other})).status_code == 200


async def test_whoever_has_a_whole_network_of_ipv6_counts_as_one(behind_a_proxy: httpx.AsyncClient) -> None:
    network = an_address().removesuffix("1")
    for n in range(3):
        headers = {"X-Forwarded-For": f"{network}{n}"}
        assert (await behind_a_proxy.get("/open", headers=headers)).status_code == 200
    headers = {"X-Forwarded-For": f"{network}ffff:1:2"}
    assert (await behind_a_proxy.get("/open", headers=headers)).status_code == 429


async def test_an_ipv4_address_written_as_ipv6_is_the_same_caller(behind_a_proxy: httpx.AsyncClient) -> None:
    await exhaust(behind_a_proxy, "203.0.113.99")
    headers = {"X-Forwarded-For": "::ffff:203.0.113.99"}
    assert (await behind_a_proxy.get("/open", headers=headers)).status_code == 429


@pytest.mark.parametrize(
    "lie",
    [
        lambda real: [f"203.0.113.77, {real}"],
        lambda real: [f"garbage, {real}"],
        lambda real: [f"{real}, 10.1.2.3"],
        lambda real: ["203.0.113.78", real],
    ],
)
async def test_what_a_client_writes_before_its_proxies_did_changes_nothing(
    behind_a_proxy: httpx.AsyncClient, lie: object
) -> None:
    real = an_address()
    await exhaust(behind_a_proxy, real)
    headers = [("X-Forwarded-For", value) for value in lie(real)]  # type: ignore[operator]
    assert (await behind_a_proxy.get("/open", headers=headers)).status_code == 429


async def test_without_a_trusted_proxy_the_header_means_nothing(settings_for: MakeSettings) -> None:
    settings = settings_for(ServiceSettings, widgets.__file__, rate_limits={})
    async with served(widgets.create_app(settings)) as client:
        answers = [await client.get("/open", headers={"X-Forwarded-For": an_address()}) for _ in range(4)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "RATE_LIMIT_EXCEEDED"
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_users_are_counted_by_themselves_wherever_they_come_from(
    behind_a_proxy: httpx.AsyncClient, issuer: Issuer
) -> None:
    one, other = issuer.headers("widgets"), issuer.headers("widgets")
    for _ in range(5):
        moving = one | {"X-Forwarded-For": an_address()}
        assert (await behind_a_proxy.get("/widgets/v1/limited", headers=moving)).status_code == 200
    assert (await behind_a_proxy.get("/widgets/v1/limited", headers=one)).status_code == 429
    assert (await behind_a_proxy.get("/widgets/v1/limited", headers=other)).status_code == 200


async def test_a_limit_is_raised_by_its_route_in_the_settings(
    settings_for: MakeSettings, issuer: Issuer
) -> None:
    raised = {"GET /widgets/v1/limited": {"count": 8, "window": HOUR}}
    settings = settings_for(ServiceSettings, widgets.__file__, rate_limits=raised)
    headers = issuer.headers("widgets")
    async with served(widgets.create_app(settings)) as client:
        answers = [await client.get("/widgets/v1/limited", headers=headers) for _ in range(9)]
    assert [answer.status_code for answer in answers] == [200] * 8 + [429]
    assert answers[0].headers["x-ratelimit-limit"] == "8"
