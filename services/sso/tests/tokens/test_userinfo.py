"""Who an access token speaks for, as far as its scope tells (OpenID Connect Core section 5.3)."""

from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from sso_standins.apps import App, RegisterApp


def bearer(given: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {given['access_token']}"}


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("openid", set()),
        ("openid profile", {"name", "locale", "updated_at"}),
        ("openid email", {"email", "email_verified"}),
        ("openid profile email", {"name", "locale", "updated_at", "email", "email_verified"}),
    ],
)
async def test_each_scope_tells_its_claims(app: App, account: Any, scope: str, claims: set[str]) -> None:
    answer = await app.http.get("/oauth2/userinfo", headers=bearer(await app.sign_in(account, scope=scope)))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told.keys() == {"sub"} | claims
    assert told["sub"] == account.id
    wanted = {"name": "Ada Lovelace", "email": account.email, "email_verified": False, "locale": "en"}
    assert {name: told[name] for name in wanted if name in told} == {
        name: value for name, value in wanted.items() if name in claims
    }


async def test_the_token_may_come_in_a_form(app: App, account: Any) -> None:
    given = await app.sign_in(account)
    by_header = await app.http.post("/oauth2/userinfo", headers=bearer(given))
    by_form = await app.http.post("/oauth2/userinfo", data={"access_token": given["access_token"]})
    assert by_header.json() == by_form.json()
    assert by_form.json()["sub"] == account.id


async def test_a_token_that_comes_more_than_once_or_in_the_address_is_refused(app: App, account: Any) -> None:
    given = await app.sign_in(account)
    token = given["access_token"]
    twice = await app.http.post("/oauth2/userinfo", headers=bearer(given), data={"access_token": token})
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    two = await app.http.post("/oauth2/userinfo", data={"access_token": [token, token]})
    assert (two.status_code, two.json()["error"]) == (400, "invalid_request")
    in_address = await app.http.get("/oauth2/userinfo", params={"access_token": token})
    assert in_address.status_code == 401


# SECURITY 15: an ID token is no access token
async def test_nothing_but_a_good_access_token_tells_anything(
    app: App, account: Any, signing_key: RSAKey
) -> None:
    given = await app.sign_in(account)
    assert (await app.http.get("/oauth2/userinfo")).headers["www-authenticate"] == "Bearer"
    for token in (given["id_token"], given["refresh_token"], given["access_token"][:-8], "x", "a.b.c"):
        answer = await app.http.get("/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        posted = await app.http.post("/oauth2/userinfo", data={"access_token": token})
        assert (posted.status_code, posted.headers["www-authenticate"]) == (
            401,
            'Bearer error="invalid_token"',
        )
    basic = await app.http.get("/oauth2/userinfo", auth=app.auth or ("", ""))
    assert basic.status_code == 401


async def test_a_token_without_openid_tells_nothing(
    app: App, account: Any, client: httpx.AsyncClient, service_headers: Any
) -> None:
    of_app = bearer(await app.sign_in(account, scope="resumes:read email"))
    for headers in (of_app, account.headers, await service_headers("api")):
        answer = await client.get("/oauth2/userinfo", headers=headers)
        assert answer.status_code == 403
        challenge = 'Bearer error="insufficient_scope", scope="openid"'
        assert answer.headers["www-authenticate"] == challenge


async def test_a_token_of_an_account_that_is_suspended_tells_nothing(
    register_app: RegisterApp, account: Any, client: httpx.AsyncClient, service_headers: Any
) -> None:
    app = await register_app()
    headers = bearer(await app.sign_in(account))
    await client.patch(
        f"/internal/users/{account.id}", json={"status": "suspended"}, headers=await service_headers()
    )
    assert (await client.get("/oauth2/userinfo", headers=headers)).status_code == 401


async def test_the_subject_is_the_same_for_every_client(register_app: RegisterApp, account: Any) -> None:
    subjects = set()
    for _ in range(2):
        app = await register_app()
        answer = await app.http.get("/oauth2/userinfo", headers=bearer(await app.sign_in(account)))
        subjects.add(answer.json()["sub"])
    assert subjects == {account.id}
