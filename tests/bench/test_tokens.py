"""What it costs a service to know who is calling: the same route with and without it, by turns, in one run."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import mean, median

import httpx
import pytest

from common.testing.ports import free_port
from tests.bench.load import Load, load
from tests.e2e.stack import eventually

ROUNDS = 30


@dataclass
class Guarded:
    """The app of `tests.bench.guarded` as it runs; the token and the key that it takes."""

    pid: int
    port: int
    token: str
    key: str

    async def ask(self, path: str, credentials: str) -> Load:
        headers = {"Authorization": f"Bearer {credentials}"}
        return await load(self.pid, self.port, path, headers, seconds=0.25, warm=0.02)


@pytest.fixture(scope="module")
def guarded() -> Iterator[Guarded]:
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.guarded", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        shown = json.loads(app.stdout.readline())
        eventually(lambda: _answers(port))
        yield Guarded(app.pid, port, shown["token"], shown["key"])
        app.terminate()


async def test_knowing_a_token_adds_a_quarter_at_most_to_a_bare_route(guarded: Guarded) -> None:
    """The same header is sent to both; the first request, which verifies the signature, is not counted."""
    bare, known = [], []
    for _ in range(ROUNDS):
        bare.append(await guarded.ask("/open", guarded.token))
        known.append(await guarded.ask("/authenticated", guarded.token))
    cpu, rate = _ratios("a known token / none", known, bare)
    assert cpu <= 1.25
    assert rate <= 1.25


async def test_a_key_costs_no_more_than_a_token_after_its_first_use(guarded: Guarded) -> None:
    tokens, keys = [], []
    for _ in range(ROUNDS):
        tokens.append(await guarded.ask("/scoped", guarded.token))
        keys.append(await guarded.ask("/scoped", guarded.key))
    cpu, rate = _ratios("a known API key / a known token", keys, tokens)
    assert cpu <= 1.1
    assert rate <= 1.25, "which is the noise of a busy machine"


def _ratios(what: str, ours: list[Load], theirs: list[Load]) -> tuple[float, float]:
    """CPU time of `ours` by that of `theirs`, on the whole; and requests a second of `theirs` by those of `ours`, the
    median of neighbours, because what else the machine does changes from moment to moment."""
    our_cpu, their_cpu = (mean(one.cpu_us for one in rounds) for rounds in (ours, theirs))
    our_rate, their_rate = (median(one.per_second for one in rounds) for rounds in (ours, theirs))
    cpu = our_cpu / their_cpu
    rate = median(other.per_second / one.per_second for one, other in zip(ours, theirs, strict=True))
    print(
        f"\n{what}: {cpu:.2f} by CPU time a request ({our_cpu:.0f} µs / {their_cpu:.0f} µs), "
        f"{rate:.2f} by requests a second ({our_rate:.0f}/s, {their_rate:.0f}/s); {ROUNDS} rounds by turns"
    )
    return cpu, rate


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/open", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
