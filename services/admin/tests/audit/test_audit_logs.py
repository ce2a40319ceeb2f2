import csv
import io
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from common.ids import new_id

LOGS = "/admin/v1/audit-logs"
Entries = Callable[..., Awaitable[list[dict[str, Any]]]]


async def test_entries_are_found_by_actor_action_target_and_time(
    client: httpx.AsyncClient, sso: Any, entries: Entries
) -> None:
    start = datetime.now(UTC)
    user, other, who = sso.add(), sso.add(), new_id()
    headers = sso.headers("superadmin", user_id=who)
    for shown in (user, other):
        await client.get(f"/admin/v1/users/{shown.id}", headers=headers)
    await client.post(f"/admin/v1/users/{user.id}/suspend", json={"reason": "spam"}, headers=headers)
    end = datetime.now(UTC)
    by_all = {"actor": str(who), "action": "user.viewed", "target": f"user:{user.id}"}
    assert [e["target"] for e in await entries(client, **by_all)] == [f"user:{user.id}"]
    inside = {"actor": str(who), "from": start.isoformat(), "to": (end + timedelta(seconds=1)).isoformat()}
    assert len(await entries(client, **inside)) == 5
    assert await entries(client, actor=str(who), to=start.isoformat()) == []
    assert await entries(client, actor=str(who), **{"from": end.isoformat()}) == []
    assert await entries(client, actor=str(new_id())) == []


async def test_pages_are_stable_while_entries_are_added(client: httpx.AsyncClient, sso: Any) -> None:
    who = new_id()
    headers = sso.headers("auditor", user_id=who)
    params: dict[str, Any] = {"actor": str(who), "limit": 3}
    for _ in range(5):
        await client.get(LOGS, headers=headers)
    seen: list[int] = []
    while True:
        page = (await client.get(LOGS, params=params, headers=headers)).json()  # (each adds one itself)
        seen += [entry["id"] for entry in page["items"]]
        if page["nextCursor"] is None:
            break
        params["cursor"] = page["nextCursor"]
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 6, "the sign-in and the five readings before the first page"


@pytest.mark.parametrize(
    "params",
    [
        {"cursor": "nonsense"},
        {"cursor": "4pyT"},
        {"cursor": "LTE"},
        {"cursor": "é"},
        {"limit": 0},
        {"limit": 1000},
        {"actor": "me"},
        {"from": "yesterday"},
        {"from": "2026-01-01T00:00:00"},
        {"to": "2026-13-01T00:00:00Z"},
        {"from": "9999-12-31T23:59:59-14:00"},
        {"to": "0001-01-01T00:00:00+14:00"},
        {"action": "x" * 65},
        {"target": "x" * 201},
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, sso: Any, params: dict[str, Any]
) -> None:
    answer = await client.get(LOGS, params=params, headers=sso.headers("auditor"))
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "VALIDATION_FAILED"
    assert answer.json()["errors"][0]["path"] == f"$.{next(iter(params))}"


async def test_the_export_is_csv_that_a_spreadsheet_does_not_run(client: httpx.AsyncClient, sso: Any) -> None:
    user, who = sso.add(), new_id()
    reason = '=HYPERLINK("https://evil.example","click"), שלום 🦊'
    headers = sso.headers("superadmin", user_id=who)
    await client.post(f"/admin/v1/users/{user.id}/suspend", json={"reason": reason}, headers=headers)
    answer = await client.get(f"{LOGS}.csv", params={"actor": str(who)}, headers=headers)
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["action"], row["outcome"]) for row in rows] == [
        ("staff.signed_in", "succeeded"),
        ("user.suspended", "intended"),
        ("user.suspended", "succeeded"),
        ("audit.exported", "succeeded"),
    ]
    assert rows[1]["reason"] == f"'{reason}"
    assert rows[1]["target"] == f"user:{user.id}"


async def test_reading_exporting_and_verifying_are_recorded_too(
    client: httpx.AsyncClient, sso: Any, entries: Entries
) -> None:
    who = new_id()
    headers = sso.headers("auditor", user_id=who)
    await client.get(LOGS, params={"action": "user.viewed"}, headers=headers)
    await client.get(f"{LOGS}.csv", headers=headers)
    await client.get(f"{LOGS}/verify", headers=headers)
    found = await entries(client, actor=str(who))
    assert [entry["action"] for entry in found] == [
        "audit.verified",
        "audit.exported",
        "audit.listed",
        "staff.signed_in",
    ]
    assert found[2]["detail"] == {"filter": {"action": "user.viewed"}}
