"""Who was authenticated lately and surely enough (RFC 9470)."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar import Router, post
from widgets_service import app as widgets

from common.auth import MULTI_FACTOR, SINGLE_FACTOR, authenticated
from common.settings import ServiceSettings
from common.step_up import is_satisfied, recent
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.served import served

OTHER = "urn:mace:incommon:iap:silver"


@pytest_asyncio.fixture(scope="module")
async def guarded(settings_for: MakeSettings) -> AsyncIterator[httpx.AsyncClient]:
    """A service with a route that needs any factor of the last minute, and one that needs more than one."""

    @post("/any", guards=[recent(60)], status_code=204)
    async def any_factor() -> None: ...

    @post("/two", guards=[recent(60, MULTI_FACTOR, detail="Show two.")], status_code=204)
    async def two_factors() -> None: ...

    routes = Router("/guarded", middleware=[authenticated], route_handlers=[any_factor, two_factors])
    service = widgets.create_service(settings_for(ServiceSettings, widgets.__file__))
    app = service.app(prefix="/guarded", description="Sensitive things.", routes=[routes])
    async with served(app) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "acr", "ago", "status"),
    [
        ("any", SINGLE_FACTOR, 0, 204),
        ("any", MULTI_FACTOR, 50, 204),
        ("any", SINGLE_FACTOR, 70, 401),
        ("any", MULTI_FACTOR, 70, 401),
        ("any", "", 0, 401),
        ("any", OTHER, 0, 401),
        ("two", MULTI_FACTOR, 0, 204),
        ("two", SINGLE_FACTOR, 0, 401),
        ("two", OTHER, 0, 401),
        ("two", "", 0, 401),
        ("two", MULTI_FACTOR, 70, 401),
    ],
)
async def test_only_who_was_authenticated_lately_and_surely_enough_gets_through(
    guarded: httpx.AsyncClient, issuer: Issuer, path: str, acr: str, ago: int, status: int
) -> None:
    headers = issuer.headers("widgets", acr=acr, auth_time=int(time.time()) - ago)
    answer = await guarded.post(f"/guarded/{path}", headers=headers)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(("path", "acr"), [("any", SINGLE_FACTOR), ("two", MULTI_FACTOR)])
@pytest.mark.parametrize("claims", [{}, {"acr": MULTI_FACTOR}, {"auth_time": 2**31, "acr": OTHER}])
async def test_a_refusal_says_what_is_asked_for(
    guarded: httpx.AsyncClient, issuer: Issuer, path: str, acr: str, claims: dict[str, Any]
) -> None:
    answer = await guarded.post(f"/guarded/{path}", headers=issuer.headers("widgets", **claims))
    assert (answer.status_code, answer.json()["code"]) == (401, "STEP_UP_REQUIRED")
    assert answer.headers["www-authenticate"] == (
        f'Bearer error="insufficient_user_authentication", acr_values="{acr}", max_age="60"'
    )
    assert answer.json()["detail"] == ("Show two." if path == "two" else "Confirm that it is you")


async def test_without_a_token_nothing_is_said_of_it(guarded: httpx.AsyncClient) -> None:
    answer = await guarded.post("/guarded/two")
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


def test_without_a_greatest_age_any_will_do() -> None:
    assert is_satisfied(acr=MULTI_FACTOR, authenticated_at=1.0, wanted=SINGLE_FACTOR, max_age=None)
    assert not is_satisfied(acr=SINGLE_FACTOR, authenticated_at=1.0, wanted=MULTI_FACTOR, max_age=None)
