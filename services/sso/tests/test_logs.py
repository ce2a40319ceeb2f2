"""Secrets, tokens, hashes and addresses never reach a log: every flow runs in a process whose whole output is then
searched for whatever was secret in them (SECURITY 27)."""

import asyncio
import sqlite3
from typing import Any

import httpx
import pyotp
import pytest
from sso_standins.apps import App
from sso_standins.process import Running

OURS = {"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"}
EMAIL, NAME = "secretive.person@example.org", "Nameless One"
PASSWORD, NEW_PASSWORD, WRONG = "quite a long secret", "another long secret", "never was the secret"


class Secrets:
    """What must not be found, by what it is."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {
            "address": "secretive.person",
            "name": "Nameless",
            "password": PASSWORD,
            "new password": NEW_PASSWORD,
            "wrong password": WRONG,
            "client secret": "dev-secret-of-admin",
            "hash": "argon2id",
        }

    def keep(self, what: str, secret: str) -> str:
        # Of a JWT its signature: header and claims are shared by many.
        self.known[what] = secret.rsplit(".", 1)[1] if secret.count(".") == 2 else secret
        return secret

    def keep_tokens(self, what: str, answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code in {200, 201}, answer.text
        tokens: dict[str, Any] = answer.json()
        for name in (
            "accessToken",
            "refreshToken",
            "access_token",
            "refresh_token",
            "id_token",
            "challengeToken",
        ):
            if name in tokens:
                self.keep(f"{name} of {what}", tokens[name])
        return tokens


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.get('accessToken') or tokens['access_token']}"}


async def test_no_secret_of_any_flow_reaches_a_log(running: Running, secrets: Secrets, mails: Any) -> None:
    tokens = await account_flows(running.client, secrets)
    await mailed_links(running.client, secrets, mails)
    tokens = await factors(running.client, secrets, tokens)
    await keys(running.client, secrets, tokens)
    await pages(running.client, secrets)
    await an_app(running.client, secrets)
    await staff(running.client, secrets)
    for what, hashed in stored_hashes(running).items():
        secrets.keep(what, hashed)
    await asyncio.sleep(0.3)
    log = running.process.output()
    assert log.count('"event":"security_event"') > 15
    found = [what for what, secret in secrets.known.items() if secret in log]
    assert found == []


async def account_flows(client: httpx.AsyncClient, secrets: Secrets) -> dict[str, Any]:
    body = {"email": EMAIL, "password": PASSWORD, "name": NAME}
    made = secrets.keep_tokens("registration", await client.post("/auth/register", json=body))
    await client.post("/auth/register", json=body)
    await client.post("/auth/login", json={"email": EMAIL, "password": WRONG})
    await client.post("/auth/login", json={"email": EMAIL})
    await client.post("/auth/login", content=f'{{"email": "{EMAIL}", "password": "{PASSWORD}"')
    await client.post(
        "/auth/verify", json={"token": secrets.keep("made-up token", "a-token-of-verification")}
    )
    refresh = {"refreshToken": made["refreshToken"]}
    secrets.keep_tokens("refresh", await client.post("/auth/refresh", json=refresh))
    await client.get("/auth/me", headers={"Authorization": "Bearer " + made["accessToken"][:-4]})
    await client.get(f"/auth/me?email={EMAIL}&access_token={made['accessToken']}", headers=bearer(made))
    change = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    changed = await client.post("/auth/password/change", json=change, headers=bearer(made))
    assert changed.status_code == 204, changed.text
    return made


async def mailed_links(client: httpx.AsyncClient, secrets: Secrets, mails: Any) -> None:
    for route, template in (
        ("/auth/verify/resend", "verify-email"),
        ("/auth/magic-link", "magic-link"),
        ("/auth/password-reset/request", "password-reset"),
    ):
        assert (await client.post(route, json={"email": EMAIL})).status_code == 202
        mail = await mails.wait_for(EMAIL, template)
        secrets.keep(template, mail.data["link"].partition("token=")[2])
    newest = await mails.wait_for(EMAIL, "verify-email", count=2)
    token = secrets.keep("verify-email", newest.data["token"])
    assert (await client.post("/auth/verify", json={"token": token})).status_code == 204
    token = secrets.known["magic-link"]
    secrets.keep_tokens("magic link", await client.post("/auth/magic-link/confirm", json={"token": token}))
    for path in ("/auth/ui/reset", "/auth/ui/magic", "/auth/ui/verify"):
        await client.get(path, params={"token": secrets.known["password-reset"], "email": EMAIL})


async def factors(client: httpx.AsyncClient, secrets: Secrets, tokens: dict[str, Any]) -> dict[str, Any]:
    setup = (await client.post("/auth/mfa/totp", headers=bearer(tokens))).json()
    totp = pyotp.TOTP(secrets.keep("totp secret", setup["secret"]))
    confirmed = await client.post("/auth/mfa/totp/confirm", json={"code": totp.now()}, headers=bearer(tokens))
    codes = confirmed.json()["recoveryCodes"]
    for number, code in enumerate(codes):
        secrets.keep(f"recovery code {number}", code)
    login = {"email": EMAIL, "password": NEW_PASSWORD}
    asked = secrets.keep_tokens("challenge", await client.post("/auth/login", json=login))
    proof = {"challengeToken": asked["challengeToken"], "method": "recovery_code", "code": codes[0]}
    return secrets.keep_tokens("second factor", await client.post("/auth/login/mfa", json=proof))


async def keys(client: httpx.AsyncClient, secrets: Secrets, tokens: dict[str, Any]) -> None:
    wanted = {"name": "script", "scopes": ["resumes:read"]}
    made = await client.post("/auth/api-keys", json=wanted, headers=bearer(tokens))
    assert made.status_code == 201, made.text
    key = secrets.keep("api key", made.json()["key"])
    form = {"grant_type": "urn:resumax:api-key", "api_key": key}
    secrets.keep_tokens("api key", await client.post("/oauth2/token", data=form))
    await client.get("/auth/me", headers={"Authorization": f"Bearer {key}"})
    await client.get("/auth/me", headers={"Authorization": f"Bearer {key[:-1]}"})


async def pages(client: httpx.AsyncClient, secrets: Secrets) -> None:
    form = {"email": EMAIL, "password": NEW_PASSWORD}
    entered = await client.post("/auth/ui/login", data=form, headers=OURS)
    assert entered.status_code == 303, entered.text
    for name, value in client.cookies.items():
        secrets.keep(f"cookie {name}", value)
    client.cookies.clear()
    await client.post("/auth/ui/login", data=form | {"password": WRONG}, headers=OURS)


async def an_app(client: httpx.AsyncClient, secrets: Secrets) -> None:
    body = {"email": f"another.{EMAIL}", "password": PASSWORD, "name": NAME}
    made = secrets.keep_tokens("another", await client.post("/auth/register", json=body))
    app = App(client, "notes", redirect_uri="http://localhost:8080/notes", secret=None)
    secrets.keep("verifier", app.verifier)
    cookie = {"Cookie": f"resumax_refresh={made['refreshToken']}"}
    asked = await client.get(
        "/oauth2/authorize", params=app.asks(scope="openid email offline_access"), headers=cookie
    )
    assert asked.status_code == 303, asked.text
    code = secrets.keep("code", asked.headers["location"].partition("code=")[2].partition("&")[0])
    given = secrets.keep_tokens("app", await app.redeem(code))
    secrets.keep_tokens("app's refresh", await app.refresh(given["refresh_token"]))
    await client.get("/oauth2/userinfo", headers=bearer(given))
    await app.redeem(code)


async def staff(client: httpx.AsyncClient, secrets: Secrets) -> None:
    form = {"grant_type": "client_credentials", "scope": "internal", "audience": "sso"}
    answer = await client.post("/oauth2/token", data=form, auth=("admin", "dev-secret-of-admin"))
    token = secrets.keep_tokens("service", answer)
    found = (await client.get("/internal/users", params={"q": EMAIL}, headers=bearer(token))).json()["items"]
    path = f"/internal/users/{found[0]['id']}"
    await client.patch(path, json={"status": "suspended"}, headers=bearer(token))
    await client.patch(path, json={"status": "active"}, headers=bearer(token))


def stored_hashes(running: Running) -> dict[str, str]:
    """What the database keeps in place of secrets, as text."""
    file = running.environ["SSO_DATABASE_URL"].partition("///")[2]
    columns = {"refresh_tokens": "sha256", "api_keys": "sha256", "recovery_codes": "hashed"}
    found = {}
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        for table, column in columns.items():
            for number, (value,) in enumerate(database.execute(f"SELECT {column} FROM {table}")):
                found[f"{table} {number}"] = value.hex()
    database.close()
    assert len(found) > 15
    return found
