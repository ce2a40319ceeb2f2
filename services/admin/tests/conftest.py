import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery

import admin
from admin.app import create_app
from admin.settings import Settings
from common.auth import MULTI_FACTOR
from common.contracts.users import Impersonation, ImpersonationStart, UserChange, UserPage, UserRecord
from common.ids import new_id, now
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.ports import free_port
from common.testing.served import served


class Sso:
    """Stands for the SSO at this service's edge: tokens, and the routes of `/internal/users`."""

    def __init__(self) -> None:
        self.port = free_port()
        self.issuer = Issuer(f"http://127.0.0.1:{self.port}")
        self.users: dict[str, UserRecord] = {}
        self.sessions_ended: list[str] = []
        self.impersonated: list[tuple[str, ImpersonationStart]] = []
        self.broken = False
        self.on_change: Callable[[], Awaitable[None]] | None = None

    def add(self, **changes: Any) -> UserRecord:
        user_id = new_id()
        values = {
            "email": f"{user_id.hex}@example.org",
            "name": "Ada Lovelace",
            "locale": "en",
            "status": "active",
            "roles": [],
            "email_verified": True,
            "created_at": now(),
        }
        self.users[str(user_id)] = UserRecord(id=user_id, **(values | changes))
        return self.users[str(user_id)]

    def headers(self, *roles: str, user_id: object = None, **claims: Any) -> dict[str, str]:
        """The header of a member of staff with `roles`, who has just shown a second factor."""
        sure = {"acr": MULTI_FACTOR, "auth_time": int(time.time())}
        return self.issuer.headers("admin", user_id=user_id, roles=list(roles), **(sure | claims))

    def app(self) -> Any:  # noqa: C901 (a route is a function in here)
        @get("/")
        async def search(
            q: FromQuery[str | None] = None, limit: FromQuery[int] = 50, cursor: FromQuery[str | None] = None
        ) -> Response[Any]:
            if self.broken:
                return Response({}, status_code=503)
            if cursor is not None and cursor not in self.users:
                return Response({}, status_code=400)
            found = [u for key, u in sorted(self.users.items()) if cursor is None or key > cursor]
            found = [user for user in found if q is None or q in user.email or q in user.name]
            more = str(found[limit - 1].id) if len(found) > limit else None
            return Response(UserPage(items=found[:limit], next_cursor=more))

        @get("/{user_id:str}")
        async def find(user_id: FromPath[str]) -> Response[Any]:
            if self.broken:
                return Response({}, status_code=503)
            user = self.users.get(user_id)
            return Response(user) if user else Response({}, status_code=404)

        @patch("/{user_id:str}")
        async def change(request: Request[Any, Any, Any], user_id: FromPath[str]) -> Response[Any]:
            wanted = msgspec.json.decode(await request.body(), type=UserChange)
            if self.on_change:
                await self.on_change()
            user = msgspec.structs.replace(self.users[user_id], status=wanted.status)
            self.users[user_id] = user
            return Response(user)

        @delete("/{user_id:str}/sessions")
        async def end_sessions(user_id: FromPath[str]) -> None:
            self.sessions_ended.append(user_id)

        @post("/{user_id:str}/impersonate")
        async def impersonate(request: Request[Any, Any, Any], user_id: FromPath[str]) -> Response[Any]:
            if self.users[user_id].roles:
                return Response({}, status_code=422)
            wanted = msgspec.json.decode(await request.body(), type=ImpersonationStart)
            self.impersonated.append((user_id, wanted))
            return Response(
                Impersonation(
                    session_id=new_id(),
                    access_token="a.b.c",
                    expires_in=wanted.minutes * 60,
                    expires_at=now(),
                ),
                status_code=201,
            )

        @get("/readyz", sync_to_thread=False)
        def readyz() -> dict[str, Any]:
            return {"service": "sso", "status": "ready", "missing": {}}

        app = self.issuer.app()
        app.register(readyz)
        app.register(
            Router("/internal/users", route_handlers=[search, find, change, end_sessions, impersonate])
        )
        return app


@pytest_asyncio.fixture(scope="session")
async def sso() -> AsyncIterator[Sso]:
    sso = Sso()
    async with served(sso.app(), port=sso.port):
        yield sso


@pytest.fixture(scope="session")
def settings(settings_for: MakeSettings, sso: Sso) -> Callable[..., Settings]:
    """Settings of an admin service that stands before our SSO."""

    def make(**changes: Any) -> Settings:
        values = {"public_url": sso.issuer.url, "sso_url": sso.issuer.url} | changes
        found: Settings = settings_for(Settings, admin.__file__, **values)
        return found

    return make


@pytest_asyncio.fixture(scope="session")
async def client(settings: Callable[..., Settings]) -> AsyncIterator[httpx.AsyncClient]:
    """The admin service, served."""
    async with served(create_app(settings())) as client:
        yield client


@pytest.fixture(scope="session")
def entries(sso: Sso) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    """What the audit log of a service holds, newest first, as an auditor reads it."""
    auditor = sso.headers("auditor")

    async def read(client: httpx.AsyncClient, **filters: Any) -> list[dict[str, Any]]:
        answer = await client.get("/admin/v1/audit-logs", params=filters, headers=auditor)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    return read
