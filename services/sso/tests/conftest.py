"""The SSO, served on a real socket with a NATS of its own; the account service is a stand-in that takes notes."""

import asyncio
import base64
import hashlib
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import nats
import pyotp
import pytest
import pytest_asyncio
from joserfc.jwk import RSAKey
from litestar import Litestar, Request, put
from litestar.params import FromPath
from nats.aio.msg import Msg

import sso.app
from common.contracts.jobs import EmailJob, Job
from common.db import Database
from common.ids import new_id
from common.sealing import MasterKey
from common.settings import Secret
from common.testing.fixtures import MakeSettings, eventually
from common.testing.ports import free_port
from common.testing.processes import Nats, Process, accepts
from common.testing.served import served
from sso.clients.models import CONFIDENTIAL, PUBLIC, OAuthClient
from sso.keys.keyring import Keyring
from sso.keys.vault import Vault
from sso.settings import Settings
from sso.totp.models import TotpSecret

sys.path.insert(0, str(Path(__file__).parent))

from sso_standins.apps import CALLBACK, SCOPE, SECRET, App, NativeApp, RegisterApp
from sso_standins.process import Running

PUBLIC_URL = "https://resumax.test"
PASSWORD = "correct horse battery"
CLIENTS = {name: f"secret-of-{name}" for name in ("api", "account", "admin", "processor")}
FLOOR = {"argon2_memory_kib": 19 * 1024, "argon2_time": 2, "argon2_parallelism": 1}


class Account(msgspec.Struct, frozen=True):
    """Somebody who has registered."""

    id: str
    email: str
    password: str
    access_token: str
    refresh_token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}


class Protected(msgspec.Struct, frozen=True):
    """Somebody with an authenticator app, whose secret and recovery codes they have; at an address of their own."""

    account: Account
    secret: str
    recovery_codes: list[str]
    origin: dict[str, str]

    @property
    def headers(self) -> dict[str, str]:
        return self.account.headers | self.origin

    async def code(self, step: int = 0) -> str:
        """What the app shows now, or did `step` times 30 s from now; never in the last moments of a step."""
        left = 30 - time.time() % 30
        await asyncio.sleep(left if left < 2 else 0)
        return pyotp.TOTP(self.secret).at(int(time.time()) + 30 * step)


class AccountService:
    """Stands in for the account service: keeps what it is sent."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any], str]] = []

    def app(self) -> Litestar:
        @put("/internal/profiles/{user_id:str}")
        async def put_profile(request: Request[Any, Any, Any], user_id: FromPath[str]) -> None:
            self.calls.append((user_id, await request.json(), request.headers["authorization"]))

        return Litestar([put_profile], logging_config=None, openapi_config=None)


class Mails:
    """The e-mail jobs that were published, as they are."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    async def received(self, message: Msg) -> None:
        self.jobs.append(msgspec.json.decode(message.data, type=Job))

    def to(self, email: str, template: str) -> list[EmailJob]:
        mails = [msgspec.convert(job.payload, EmailJob) for job in self.jobs]
        return [mail for mail in mails if mail.to == email and mail.template == template]

    async def wait_for(self, email: str, template: str, *, count: int = 1) -> EmailJob:
        """The newest one, once there are `count`."""

        async def enough() -> bool:
            return len(self.to(email, template)) >= count

        await eventually(enough)
        return self.to(email, template)[-1]


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    """A NATS of the SSO's own, so that no worker of another suite takes its jobs."""
    server = Nats(tmp_path_factory.mktemp("sso-nats"))
    server.start()
    yield server
    server.stop()


@pytest_asyncio.fixture(scope="session")
async def mails(broker: Nats) -> AsyncIterator[Mails]:
    connection, mails = await nats.connect(broker.url), Mails()
    await connection.subscribe("jobs.run.email", cb=mails.received)
    yield mails
    await connection.close()


@pytest_asyncio.fixture(scope="session")
async def account_service() -> AsyncIterator[tuple[AccountService, str]]:
    service = AccountService()
    async with served(service.app()) as client:
        yield service, str(client.base_url)


@pytest.fixture(scope="session")
def sso_settings(
    settings_for: MakeSettings, broker: Nats, account_service: tuple[AccountService, str]
) -> Callable[..., Settings]:
    """Settings of an SSO for tests; each call has a fresh database unless one is given."""

    def make(**changes: Any) -> Settings:
        values: dict[str, Any] = {
            "public_url": PUBLIC_URL,
            "nats_url": broker.url,
            "account_url": account_service[1].rstrip("/"),
            "key_encryption_key": Secret(base64.urlsafe_b64encode(b"k" * 32).decode()),
            "service_clients": Secret(msgspec.json.encode(CLIENTS).decode()),
            "client_secret": None,
            "trusted_proxies": ["127.0.0.1/32"],
            # All tests come from one address, and what fails in one of them must not lock the others out.
            "lockout_address_after": 1_000_000,
            **FLOOR,
        }
        settings: Settings = settings_for(Settings, sso.__file__ or "", **(values | changes))
        return settings

    return make


@pytest.fixture(scope="session")
def settings(sso_settings: Callable[..., Settings]) -> Settings:
    return sso_settings()


@pytest_asyncio.fixture(scope="session")
async def client(settings: Settings, mails: Mails) -> AsyncIterator[httpx.AsyncClient]:
    async with served(sso.app.create_app(settings)) as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The SSO's database, to look at and to turn back clocks in."""
    database = Database(settings.database_url)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def signing_key(client: httpx.AsyncClient, database: Database, settings: Settings) -> RSAKey:
    """The private key in use, to forge tokens that are right in everything but one thing."""
    return await Keyring(database, Vault(MasterKey(settings.key_encryption_key))).active()


Register = Callable[..., Awaitable[Account]]


@pytest.fixture
def register(client: httpx.AsyncClient) -> Register:
    """Register somebody: `await register()`, or with any field of the request changed."""

    async def make(**fields: Any) -> Account:
        body = {"email": f"{new_id().hex}@example.org", "password": PASSWORD, "name": "Ada Lovelace"} | fields
        answer = await client.post("/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        return Account(
            made["user"]["id"], body["email"], body["password"], made["accessToken"], made["refreshToken"]
        )

    return make


@pytest_asyncio.fixture
async def account(register: Register) -> Account:
    return await register()


ServiceHeaders = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
def service_headers(client: httpx.AsyncClient) -> ServiceHeaders:
    """The headers of a service with its client-credentials token."""

    async def headers(name: str = "admin", audience: str = "sso") -> dict[str, str]:
        form = {"grant_type": "client_credentials", "scope": "internal", "audience": audience}
        answer = await client.post("/oauth2/token", data=form, auth=(name, CLIENTS[name]))
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return headers


@pytest.fixture(scope="session")
def claims_of() -> Callable[[str], dict[str, Any]]:
    """The claims of a JWT, its signature not looked at."""

    def read(token: str) -> dict[str, Any]:
        payload = token.split(".")[1]
        claims: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=="))
        return claims

    return read


Protect = Callable[..., Awaitable[Protected]]


@pytest.fixture
def protect(client: httpx.AsyncClient, database: Database, register: Register) -> Protect:
    """Register somebody who sets an authenticator app up. No code of it was used yet."""

    async def make(account: Account | None = None, **fields: Any) -> Protected:
        account = account or await register(**fields)
        origin = {"X-Forwarded-For": f"2001:db8:{secrets.randbits(16):x}:{secrets.randbits(16):x}::1"}
        setup = await client.post("/auth/mfa/totp", headers=account.headers)
        assert setup.status_code == 200, setup.text
        made = Protected(account, setup.json()["secret"], [], origin)
        body = {"code": await made.code(-1)}
        confirmed = await client.post("/auth/mfa/totp/confirm", json=body, headers=account.headers)
        assert confirmed.status_code == 200, confirmed.text
        async with database.write() as db:
            (await db.get_one(TotpSecret, UUID(account.id))).last_step = 0
        return Protected(account, made.secret, confirmed.json()["recoveryCodes"], origin)

    return make


@pytest_asyncio.fixture
async def protected(protect: Protect) -> Protected:
    return await protect()


SignedInWithMfa = Callable[[Protected], Awaitable[dict[str, str]]]


@pytest.fixture
def signed_in_with_mfa(client: httpx.AsyncClient) -> SignedInWithMfa:
    """Sign somebody in by password and app; the headers of that session."""

    async def headers(protected: Protected) -> dict[str, str]:
        login = {"email": protected.account.email, "password": protected.account.password}
        asked = (await client.post("/auth/login", json=login, headers=protected.origin)).json()
        body = {"challengeToken": asked["challengeToken"], "method": "totp", "code": await protected.code(-1)}
        answer = await client.post("/auth/login/mfa", json=body, headers=protected.origin)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['accessToken']}"} | protected.origin

    return headers


@pytest.fixture(scope="session")
def register_app(client: httpx.AsyncClient, database: Database) -> RegisterApp:
    """Register an app of our own (no consent is asked), or one with any column changed: `await register_app()`."""

    async def make(**columns: Any) -> App:
        row = {
            "id": f"app-{new_id().hex}",
            "kind": CONFIDENTIAL,
            "name": "An app",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "scopes": SCOPE.split(),
            "is_first_party": True,
        } | columns
        has_secret = row["kind"] == CONFIDENTIAL and row.get("jwks") is None
        row.setdefault("auth_method", "client_secret_basic" if has_secret else "none")
        if has_secret:
            row.setdefault("secret_sha256", hashlib.sha256(SECRET.encode()).digest())
        async with database.write() as db:
            db.add(OAuthClient(**row))
        redirect_uri = row["redirect_uris"][0] if row["redirect_uris"] else ""
        is_native = row["kind"] == PUBLIC and not redirect_uri.startswith("https:")
        kind = NativeApp if is_native else App
        return kind(client, row["id"], redirect_uri=redirect_uri, secret=SECRET if has_secret else None)

    return make


@pytest_asyncio.fixture(scope="session")
async def somebody(client: httpx.AsyncClient) -> Account:
    """Somebody who is signed in, for tests that change nothing about them."""
    body = {"email": f"{new_id().hex}@example.org", "password": PASSWORD, "name": "Ada Lovelace"}
    made = (await client.post("/auth/register", json=body)).json()
    return Account(made["user"]["id"], body["email"], PASSWORD, made["accessToken"], made["refreshToken"])


@pytest_asyncio.fixture
async def app(register_app: RegisterApp) -> App:
    """A confidential app of our own."""
    return await register_app()


@pytest_asyncio.fixture
async def native_app(register_app: RegisterApp) -> App:
    """An app on somebody's machine, which can keep no secret."""
    return await register_app(
        kind=PUBLIC, redirect_uris=["http://127.0.0.1/callback", "com.example.app:/callback"]
    )


@pytest_asyncio.fixture(scope="session")
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
        "SSO_FIRST_PARTY_CLIENTS": '{"notes": {"name": "Notes", "redirectUris": ["http://localhost:8080/notes"]}}',
    }
    process = Process([sys.executable, "-m", "sso", "serve"], ready=lambda: accepts(port), env=environ)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        stack = Running(client, environ, process)
        await asyncio.to_thread(process.start)
        yield stack
    assert await asyncio.to_thread(process.stop) == 0
