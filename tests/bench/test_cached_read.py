import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from common.testing.ports import free_port
from tests.bench.load import load
from tests.e2e.documents import FULL
from tests.e2e.people import Person
from tests.e2e.stack import Stack, eventually


async def test_a_cached_read_costs_at_most_twice_a_bare_route(stack: Stack, tmp_path: Path) -> None:
    person = Person(stack)
    path = f"/api/v1/resumes/{person.resume(FULL)}/content"
    headers = {"Authorization": f"Bearer {person.tokens['accessToken']}"}
    api = stack.run["services"]["api"]
    cached = eventually(lambda: _hit(f"{api}{path}", headers))
    body = tmp_path / "body.json"
    body.write_bytes(cached.content)
    port = free_port()
    bare = subprocess.Popen(  # noqa: ASYNC220 (nothing else runs in this loop)
        [sys.executable, "-m", "tests.bench.bare", str(port), str(body)]
    )
    try:
        eventually(lambda: _answers(f"http://127.0.0.1:{port}/bare"))
        reference = await load(bare.pid, port, "/bare", {})
        ours = await load(stack.run["pids"]["api"], urlsplit(api).port or 0, path, headers)
        again = await load(bare.pid, port, "/bare", {})
        beside = await load(stack.run["pids"]["api"], urlsplit(api).port or 0, "/healthz", {})
    finally:
        bare.terminate()
        bare.wait()
    ratio = (reference.cpu_us + again.cpu_us) / 2 / ours.cpu_us
    print(
        f"\ncached GET content / bare Litestar route: {ratio:.2f} by CPU time a request "
        f"({ours.cpu_us:.0f} µs / {(reference.cpu_us + again.cpu_us) / 2:.0f} µs; "
        f"{ours.per_second:.0f}/s / {(reference.per_second + again.per_second) / 2:.0f}/s), {len(cached.content)} bytes"
    )
    print(
        f"cached GET content / the plainest route of the same service: {beside.cpu_us / ours.cpu_us:.2f} by CPU time, "
        f"{ours.per_second / beside.per_second:.2f} by requests a second"
    )
    assert ratio >= 0.5


def _hit(url: str, headers: dict[str, str]) -> httpx.Response | None:
    answer = httpx.get(url, headers=headers, trust_env=False)
    return answer if answer.headers.get("x-cache") == "HIT" else None


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
