"""Which endpoints apps in browsers may call from any origin: without cookies, and no others (CORS)."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import pytest_asyncio

import sso.app
from common.testing.served import served
from sso.settings import Settings

OPEN = [
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/.well-known/jwks.json"),
    ("POST", "/oauth2/token"),
    ("GET", "/oauth2/userinfo"),
    ("POST", "/oauth2/userinfo"),
    ("POST", "/oauth2/revoke"),
]
OTHERS = [
    ("GET", "/auth/me"),
    ("POST", "/auth/login"),
    ("POST", "/auth/refresh"),
    ("GET", "/oauth2/authorize"),
    ("POST", "/oauth2/introspect"),
    ("POST", "/oauth2/device_authorization"),
    ("GET", "/oauth2/logout"),
    ("GET", "/auth/ui/login"),
    ("GET", "/healthz"),
]
FRONT_END = "https://front.test"


@pytest_asyncio.fixture(scope="module")
async def with_front_end(sso_settings: Callable[..., Settings]) -> AsyncIterator[httpx.AsyncClient]:
    """An SSO that has a front end at another origin."""
    async with served(sso.app.create_app(sso_settings(cors_origins=[FRONT_END]))) as client:
        yield client


async def preflight(client: httpx.AsyncClient, method: str, path: str, origin: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    return await client.options(path, headers=headers)


def allowed(answer: httpx.Response) -> dict[str, list[str]]:
    names = ("access-control-allow-origin", "access-control-allow-credentials")
    return {name: answer.headers.get_list(name) for name in names}


@pytest.mark.parametrize(("method", "path"), OPEN)
@pytest.mark.parametrize("origin", ["https://app.test", "http://localhost:3000", FRONT_END, "null"])
async def test_any_origin_may_call_what_apps_in_browsers_need_but_without_cookies(
    client: httpx.AsyncClient, with_front_end: httpx.AsyncClient, method: str, path: str, origin: str
) -> None:
    wanted = {"access-control-allow-origin": ["*"], "access-control-allow-credentials": []}
    for sso_of_one_kind in (client, with_front_end):
        asked = await preflight(sso_of_one_kind, method, path, origin)
        assert (asked.status_code, asked.content) == (204, b"")
        assert allowed(asked) == wanted
        assert method in asked.headers["access-control-allow-methods"]
        assert {"authorization", "content-type"} <= {
            name.strip().lower() for name in asked.headers["access-control-allow-headers"].split(",")
        }
        answer = await sso_of_one_kind.request(method, path, headers={"Origin": origin})
        assert allowed(answer) == wanted
        assert "WWW-Authenticate" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(("method", "path"), OTHERS)
async def test_no_other_origin_may_read_anything_else(
    client: httpx.AsyncClient, with_front_end: httpx.AsyncClient, method: str, path: str
) -> None:
    for sso_of_one_kind in (client, with_front_end):
        for answer in (
            await preflight(sso_of_one_kind, method, path, "https://app.test"),
            await sso_of_one_kind.request(method, path, headers={"Origin": "https://app.test"}),
        ):
            assert answer.headers.get("access-control-allow-origin") is None, answer.request.method


async def test_our_own_front_end_may_call_everything(with_front_end: httpx.AsyncClient) -> None:
    answer = await preflight(with_front_end, "POST", "/auth/login", FRONT_END)
    assert answer.headers["access-control-allow-origin"] == FRONT_END
    assert answer.headers["access-control-allow-credentials"] == "true"
