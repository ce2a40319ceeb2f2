"""The optional question whether a password was stolen elsewhere (SECURITY 2)."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response, get
from litestar.params import FromPath

import sso.app
from common.ids import new_id
from common.testing.served import served
from sso.settings import Settings

BREACHED, PADDED, FINE = "a password of thieves", "a password of padding", "a password of one's own"


class Range:
    """Stands in for the range API: keeps what it is asked, and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.status, self.delay = 200, 0.0

    def app(self) -> Litestar:
        @get("/range/{prefix:str}")
        async def read(request: Request[Any, Any, Any], prefix: FromPath[str]) -> Response[str]:
            self.asked.append((request.url.path, dict(request.headers)))
            await asyncio.sleep(self.delay)
            lines = [f"{'0' * 35}:7", f"{digest(BREACHED)[5:]}:3861", f"{digest(PADDED)[5:]}:0"]
            return Response("\r\n".join(lines), status_code=self.status, media_type="text/plain")

        return Litestar([read], logging_config=None, openapi_config=None)


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@asynccontextmanager
async def asking(sso_settings: Callable[..., Settings], url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with served(sso.app.create_app(sso_settings(breached_passwords_url=url))) as client:
        yield client


async def register(client: httpx.AsyncClient, password: str) -> httpx.Response:
    body = {"email": f"{new_id().hex}@example.org", "password": password, "name": "Ada"}
    return await client.post("/auth/register", json=body)


async def test_a_breached_password_is_refused_wherever_one_is_set(
    sso_settings: Callable[..., Settings], mails: Any
) -> None:
    range_api = Range()
    async with (
        served(range_api.app()) as upstream,
        asking(sso_settings, f"{upstream.base_url}/range/") as client,
    ):
        refused = await register(client, BREACHED)
        assert (refused.status_code, refused.json()["code"]) == (400, "PASSWORD_REFUSED")
        assert "stolen" in refused.json()["detail"]
        assert (await register(client, PADDED)).status_code == 201
        made = (await register(client, FINE)).json()
        headers = {"Authorization": f"Bearer {made['accessToken']}"}
        body = {"currentPassword": FINE, "newPassword": BREACHED}
        changed = await client.post("/auth/password/change", json=body, headers=headers)
        assert changed.json()["code"] == "PASSWORD_REFUSED"
        await client.post("/auth/password-reset/request", json={"email": made["user"]["email"]})
        link = (await mails.wait_for(made["user"]["email"], "password-reset")).data["link"]
        reset = {"token": link.partition("token=")[2], "password": BREACHED}
        answer = await client.post("/auth/password-reset/confirm", json=reset)
        assert answer.json()["code"] == "PASSWORD_REFUSED"


async def test_no_more_than_five_digits_of_a_hash_leave(sso_settings: Callable[..., Settings]) -> None:
    range_api = Range()
    async with (
        served(range_api.app()) as upstream,
        asking(sso_settings, f"{upstream.base_url}/range") as client,
    ):
        await register(client, FINE)
    [(path, headers)] = range_api.asked
    assert path == f"/range/{digest(FINE)[:5]}"
    assert headers["add-padding"] == "true"
    assert digest(FINE)[5:] not in str(headers)
    assert "authorization" not in headers


@pytest.mark.parametrize("how", ["away", "failing", "slow"])
async def test_without_an_answer_the_password_is_accepted_with_a_log_line(
    sso_settings: Callable[..., Settings], capsys: pytest.CaptureFixture[str], how: str
) -> None:
    range_api = Range()
    range_api.status, range_api.delay = (500, 0.0) if how == "failing" else (200, 1.5)
    async with served(range_api.app()) as upstream:
        url = "http://127.0.0.1:9/range" if how == "away" else f"{upstream.base_url}/range"
        async with asking(sso_settings, url) as client:
            assert (await register(client, BREACHED)).status_code == 201
    log = capsys.readouterr().out
    assert "breached_passwords_not_asked" in log
    assert digest(BREACHED)[:5] not in log
    assert BREACHED not in log


async def test_nobody_is_asked_unless_an_address_is_set(client: httpx.AsyncClient) -> None:
    assert (await register(client, BREACHED)).status_code == 201
