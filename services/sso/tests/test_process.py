"""The service as it runs: its commands, its log, and keys that rotate while it serves."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import msgspec
import pyotp
import pytest_asyncio

import sso.app
from common.testing.fixtures import eventually
from common.testing.ports import free_port
from common.testing.processes import Nats, Process, accepts

PASSWORD = "correct horse battery"


class Running(msgspec.Struct):
    client: httpx.AsyncClient
    environ: dict[str, str]
    process: Process

    async def command(self, *arguments: str) -> tuple[int, str]:
        """The exit code and output of `python -m sso …`."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sso",
            *arguments,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await child.communicate()
        return child.returncode or 0, output.decode()


@pytest_asyncio.fixture(scope="module")
async def running(
    broker: Nats, account_service: Any, migrated: Callable[[str], str]
) -> AsyncIterator[Running]:
    port = free_port()
    key = base64.urlsafe_b64encode(b"p" * 32).decode()
    environ = dict(os.environ) | {
        "RESUMAX_ENVIRONMENT": "development",
        "RESUMAX_PUBLIC_URL": "http://localhost:8080",
        "RESUMAX_NATS_URL": broker.url,
        "RESUMAX_S3_ENDPOINT": "http://127.0.0.1:9",
        "RESUMAX_S3_ACCESS_KEY": "dev-a",
        "RESUMAX_S3_SECRET_KEY": "dev-b",
        **{f"RESUMAX_{name}_URL": "http://127.0.0.1:9" for name in ("SSO", "API", "ADMIN", "PROCESSOR")},
        "RESUMAX_ACCOUNT_URL": account_service[1].rstrip("/"),
        "RESUMAX_LOG_LEVEL": "debug",
        "SSO_PORT": str(port),
        "SSO_DATABASE_URL": migrated(sso.app.__file__),
        "SSO_KEY_ENCRYPTION_KEY": f"dev-{key}",
        "SSO_SERVICE_CLIENTS": '{"admin": "dev-secret-of-admin"}',
        "SSO_ARGON2_MEMORY_KIB": str(19 * 1024),
        "SSO_ARGON2_TIME": "2",
        "SSO_ARGON2_PARALLELISM": "1",
    }
    process = Process([sys.executable, "-m", "sso", "serve"], ready=lambda: accepts(port), env=environ)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        stack = Running(client, environ, process)
        await asyncio.to_thread(process.start)
        yield stack
    assert await asyncio.to_thread(process.stop) == 0


async def test_seeding_shows_the_staff_password_once(running: Running, account_service: Any) -> None:
    code, first = await running.command("seed")
    assert code == 0, first
    assert "admin@resumax.local" in first
    password = first.rsplit(": ", 1)[1].strip()
    login = {"email": "admin@resumax.local", "password": password}
    tokens = (await running.client.post("/auth/login", json=login)).json()
    me = await running.client.get("/auth/me", headers={"Authorization": f"Bearer {tokens['accessToken']}"})
    assert (me.json()["roles"], me.json()["emailVerified"]) == (["superadmin"], True)
    claims = json.loads(base64.urlsafe_b64decode(tokens["accessToken"].split(".")[1] + "=="))
    assert "admin" in claims["aud"]

    async def profiled() -> bool:
        return any(call[0] == me.json()["id"] for call in account_service[0].calls)

    await eventually(profiled)
    code, second = await running.command("seed")
    assert code == 0
    assert "exists" in second
    assert password not in second
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    setup = (await running.client.post("/auth/mfa/totp", headers=headers)).json()
    confirmation = {"code": pyotp.TOTP(setup["secret"]).now()}
    await running.client.post("/auth/mfa/totp/confirm", json=confirmation, headers=headers)
    assert "mfaRequired" in (await running.client.post("/auth/login", json=login)).json()
    _, reset = await running.command("seed", "--reset")
    assert (await running.client.post("/auth/login", json=login)).status_code == 401
    login["password"] = reset.rsplit(": ", 1)[1].strip()
    again = await running.client.post("/auth/login", json=login)
    assert again.status_code == 200
    assert "accessToken" in again.json(), "whoever runs the platform lets staff in who lost their second factor"


async def test_keys_rotate_in_place_and_old_tokens_stay_good(running: Running) -> None:
    body = {"email": "rotating@example.org", "password": PASSWORD, "name": "R"}
    old = (await running.client.post("/auth/register", json=body)).json()["accessToken"]
    code, said = await running.command("rotate-keys")
    assert code == 0, said

    login = {"email": body["email"], "password": PASSWORD}

    async def signed_by_another() -> str:
        token: str = (await running.client.post("/auth/login", json=login)).json()["accessToken"]
        return token if token.split(".")[0] != old.split(".")[0] else ""

    new = await eventually(signed_by_another)
    for token in (old, new):
        me = await running.client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert me.status_code == 200


async def test_no_address_password_or_token_reaches_the_log(running: Running) -> None:
    client = running.client
    body = {"email": "secretive@example.org", "password": PASSWORD, "name": "Nameless One"}
    made = (await client.post("/auth/register", json=body)).json()
    headers = {"Authorization": f"Bearer {made['accessToken']}"}
    await client.post("/auth/register", json=body)
    await client.post("/auth/login", json={"email": body["email"], "password": "wrong " + PASSWORD})
    await client.post("/auth/login", json={"email": body["email"]})
    await client.post("/auth/verify/resend", json={"email": body["email"]})
    await client.post("/auth/verify", json={"token": "a-token-of-verification"})
    refreshed = (await client.post("/auth/refresh", json={"refreshToken": made["refreshToken"]})).json()
    await client.get("/auth/me", headers={"Authorization": "Bearer " + made["accessToken"][:-4]})
    await client.get(f"/auth/me?email={body['email']}", headers=headers)
    form = {"grant_type": "client_credentials", "scope": "internal", "audience": "sso"}
    service = (await client.post("/oauth2/token", data=form, auth=("admin", "dev-secret-of-admin"))).json()
    staff = {"Authorization": f"Bearer {service['access_token']}"}
    found = (await client.get("/internal/users", params={"q": "secretive"}, headers=staff)).json()["items"]
    await client.patch(f"/internal/users/{found[0]['id']}", json={"status": "suspended"}, headers=staff)
    await asyncio.sleep(0.3)
    log = running.process.output()
    assert '"event":"security_event"' in log
    assert found[0]["id"] in log
    for secret in (
        "secretive",
        "Nameless",
        PASSWORD,
        "a-token-of-verification",
        "dev-secret-of-admin",
        made["refreshToken"],
        refreshed["refreshToken"],
        made["accessToken"].split(".")[2][:20],
        service["access_token"].split(".")[2][:20],
        "argon2id",
    ):
        assert secret not in log, secret
