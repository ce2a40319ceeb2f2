"""What an attacker with 10,000 addresses gets from one account."""

import base64
import os
import sys
import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import httpx
import pytest

import sso.app
from common import migrations
from common.testing.ports import free_port
from common.testing.processes import Nats, Process, accepts
from tests.bench.logins import PASSWORD, address, crowd, post

ATTEMPTS = 10_000
EMAIL = "ada@example.org"
LOCKS = (30, 60, 120, 240, 480, 900)
"""Seconds, from the fifth failure on."""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """An SSO whose hashes cost as little as its settings let them: each attempt costs one, whoever's it is."""
    nats, port = Nats(tmp_path), free_port()
    nats.start()
    database = f"sqlite+aiosqlite:///{tmp_path}/sso.sqlite3"
    migrations.upgrade(migrations.folder(sso.app.__file__), database)
    service = Process(
        [sys.executable, "-m", "sso", "serve"],
        ready=lambda: accepts(port),
        env={**os.environ, **_settings(nats, port, database)},
    )
    service.start()
    yield f"http://127.0.0.1:{port}"
    service.stop()
    nats.stop()


def _settings(nats: Nats, port: int, database: str) -> dict[str, str]:
    nowhere = "http://127.0.0.1:9"
    return {
        "RESUMAX_ENVIRONMENT": "development",
        "RESUMAX_PUBLIC_URL": "http://localhost:8080",
        "RESUMAX_NATS_URL": nats.url,
        "RESUMAX_S3_ENDPOINT": nowhere,
        "RESUMAX_S3_ACCESS_KEY": "dev-a",
        "RESUMAX_S3_SECRET_KEY": "dev-b",
        **{f"RESUMAX_{name}_URL": nowhere for name in ("SSO", "API", "ACCOUNT", "ADMIN", "PROCESSOR")},
        "RESUMAX_TRUSTED_PROXIES": "127.0.0.1/32",
        "RESUMAX_RATE_LIMITS": "off",
        "SSO_PORT": str(port),
        "SSO_DATABASE_URL": database,
        "SSO_KEY_ENCRYPTION_KEY": "dev-" + base64.urlsafe_b64encode(b"b" * 32).decode(),
        "SSO_SERVICE_CLIENTS": "{}",
        "SSO_ARGON2_MEMORY_KIB": str(19 * 1024),
        "SSO_ARGON2_TIME": "2",
        "SSO_ARGON2_PARALLELISM": "1",
    }


async def test_of_10000_attempts_on_one_account_no_more_than_the_policy_allows_reach_its_hash(
    url: str,
) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        ada = {"email": EMAIL, "password": PASSWORD, "name": "Ada"}
        assert (await client.post("/auth/register", json=ada)).status_code == 201
        guesses = (
            post("/auth/login", {"email": EMAIL, "password": f"guess number {n}"}, ip=address(n))
            for n in range(ATTEMPTS)
        )
        started = time.monotonic()
        statuses = await crowd(int(url.rpartition(":")[2]), guesses, at_once=64)
        elapsed = time.monotonic() - started
        reached = _hashes((await client.get("/metrics")).text)
        right = await client.post("/auth/login", json={"email": EMAIL, "password": PASSWORD})
    allowed = 5 + sum(over <= elapsed for over in accumulate(LOCKS))
    print(
        f"\n{ATTEMPTS} attempts in {elapsed:.0f} s: {reached} reached the hash of the account, {allowed} may"
    )
    assert statuses == {401: ATTEMPTS}
    assert 5 <= reached <= allowed
    assert right.status_code == 401


def _hashes(metrics: str) -> int:
    line = next(
        line for line in metrics.splitlines() if line.startswith('sso_password_hashes_total{of="account"}')
    )
    return int(float(line.split()[-1]))
