from typing import Any

import httpx
import pytest


async def test_the_owner_reads_and_changes_name_and_language(client: httpx.AsyncClient, account: Any) -> None:
    changed = await client.patch(
        "/auth/me", json={"name": " Grace 👩‍💻 ", "locale": "pt-BR"}, headers=account.headers
    )
    assert changed.status_code == 200, changed.text
    me = (await client.get("/auth/me", headers=account.headers)).json()
    assert me == changed.json()
    assert (me["name"], me["locale"], me["email"]) == ("Grace 👩‍💻", "pt-BR", account.email)
    only_name = await client.patch("/auth/me", json={"name": "G"}, headers=account.headers)
    assert only_name.json()["locale"] == "pt-BR"


@pytest.mark.parametrize(
    "body", [{"email": "x@example.org"}, {"roles": ["superadmin"]}, {"name": "\x00"}, {"name": 1}, [], None]
)
async def test_nothing_else_can_be_changed(client: httpx.AsyncClient, account: Any, body: Any) -> None:
    answer = await client.patch("/auth/me", json=body, headers=account.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")


async def test_a_missing_token_is_told_how_to_come_by_one(client: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}, {"Authorization": "x"}):
        answer = await client.get("/auth/me", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
