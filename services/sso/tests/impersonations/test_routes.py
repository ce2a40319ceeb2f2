from typing import Any
from uuid import UUID

import httpx
import pytest

from common.db import Database
from common.ids import new_id
from common.testing.fixtures import eventually
from sso.users.models import User


async def make_staff(database: Database, account: Any) -> None:
    async with database.write() as db:
        (await db.get_one(User, UUID(account.id))).roles = ["support"]


@pytest.fixture
def start(client: httpx.AsyncClient, service_headers: Any) -> Any:
    async def post(user_id: str, **body: Any) -> httpx.Response:
        path = f"/internal/users/{user_id}/impersonate"
        return await client.post(path, json=body, headers=await service_headers())

    return post


async def test_an_impersonation_has_a_reason_an_end_and_a_token_that_says_who_acts(
    register: Any, database: Database, start: Any, claims_of: Any
) -> None:
    """SECURITY 28: reason, at most an hour, no refresh token, `act` claim."""
    user, staff = await register(), await register()
    await make_staff(database, staff)
    answer = await start(user.id, staffId=staff.id, reason="Ticket 4711", minutes=30)
    assert answer.status_code == 201, answer.text
    given = answer.json()
    assert set(given) == {"sessionId", "accessToken", "expiresIn", "expiresAt"}
    claims = claims_of(given["accessToken"])
    assert (claims["sub"], claims["act"], claims["sid"]) == (user.id, {"sub": staff.id}, given["sessionId"])
    assert 1790 <= claims["exp"] - claims["iat"] <= 1800
    assert "platform" not in claims["scope"].split()
    assert (claims["roles"], "admin" in claims["aud"]) == ([], False)


async def test_an_impersonation_is_shown_to_the_user_who_can_end_it(
    client: httpx.AsyncClient, register: Any, database: Database, start: Any, mails: Any
) -> None:
    """SECURITY 28: shown to the user, revocable."""
    user, staff = await register(), await register()
    await make_staff(database, staff)
    given = (await start(user.id, staffId=staff.id, reason="Asked for help with an export")).json()
    listed = (await client.get("/auth/sessions", headers=user.headers)).json()["items"]
    assert [s["impersonated"] for s in listed if s["id"] == given["sessionId"]] == [True]
    events = (await client.get("/auth/security-events", headers=user.headers)).json()["items"]
    started = next(event for event in events if event["kind"] == "impersonation.started")
    assert started["details"] == {"staff": staff.id, "reason": "Asked for help with an export"}
    mail = await mails.wait_for(user.email, "support-access")
    assert mail.data["reason"] == "Asked for help with an export"
    acting = {"Authorization": f"Bearer {given['accessToken']}"}
    assert (await client.get("/auth/me", headers=acting)).status_code == 403
    path = f"/auth/sessions/{given['sessionId']}"
    assert (await client.delete(path, headers=user.headers)).status_code == 204

    async def is_refused() -> bool:
        return (await client.get("/auth/me", headers=acting)).status_code == 401

    await eventually(is_refused, within=1)


async def test_nobody_acts_in_the_place_of_staff_and_nobody_but_staff_acts(
    register: Any, database: Database, start: Any
) -> None:
    """SECURITY 28: refused for staff."""
    user, staff, other = await register(), await register(), await register()
    await make_staff(database, staff)
    await make_staff(database, other)
    for target, by in ((other, staff), (staff, staff), (user, user)):
        answer = await start(target.id, staffId=by.id, reason="curious")
        assert (answer.status_code, answer.json()["code"]) == (422, "IMPERSONATION_REFUSED")
    assert (await start(str(new_id()), staffId=staff.id, reason="x")).status_code == 404


@pytest.mark.parametrize(
    "body", [{"reason": ""}, {}, {"reason": "x", "minutes": 61}, {"reason": "x", "minutes": 0}]
)
async def test_an_impersonation_without_a_reason_or_over_an_hour_is_refused(
    register: Any, database: Database, start: Any, body: dict[str, Any]
) -> None:
    user, staff = await register(), await register()
    await make_staff(database, staff)
    assert (await start(user.id, staffId=staff.id, **body)).status_code == 400


async def test_only_the_admin_service_may_ask(
    client: httpx.AsyncClient, account: Any, service_headers: Any
) -> None:
    path, body = f"/internal/users/{account.id}/impersonate", {"staffId": account.id, "reason": "x"}
    assert (await client.post(path, json=body)).status_code == 401
    for headers in (account.headers, await service_headers("api")):
        assert (await client.post(path, json=body, headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "how", [{"roles": []}, {"status": "suspended"}, {"status": "deactivated"}, "deleted"]
)
async def test_who_is_staff_no_more_acts_for_nobody_at_once(
    client: httpx.AsyncClient, register: Any, database: Database, start: Any, service_headers: Any, how: Any
) -> None:
    """SECURITY 28: what staff were given ends with what they were given it for."""
    user, staff, colleague = await register(), await register(), await register()
    await make_staff(database, staff)
    await make_staff(database, colleague)
    given = (await start(user.id, staffId=staff.id, reason="Ticket 4711")).json()
    other = (await start(user.id, staffId=colleague.id, reason="Ticket 4712")).json()
    path, headers = f"/internal/users/{staff.id}", await service_headers()
    if how == "deleted":
        assert (await client.delete(path, headers=headers)).is_success
    else:
        assert (await client.patch(path, json=how, headers=headers)).status_code == 200

    async def acting(one: dict[str, Any]) -> int:
        bearer = {"Authorization": f"Bearer {one['accessToken']}"}
        return (await client.get("/auth/me", headers=bearer)).status_code

    async def is_over() -> bool:
        return await acting(given) == 401

    await eventually(is_over, within=1)
    assert await acting(other) == 403, "a colleague goes on (with a scope that is not enough here)"
    listed = (await client.get("/auth/sessions", headers=user.headers)).json()["items"]
    assert [session["id"] for session in listed if session["impersonated"]] == [other["sessionId"]]
    events = (await client.get("/auth/security-events", headers=user.headers)).json()["items"]
    assert "session.ended" in [event["kind"] for event in events]
    again = await start(user.id, staffId=staff.id, reason="Ticket 4711")
    assert (again.status_code, again.json()["code"]) == (422, "IMPERSONATION_REFUSED")
