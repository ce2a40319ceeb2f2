"""The service as it runs: its commands, and keys that rotate while it serves."""

import base64
import json
from typing import Any

import pyotp
from sso_standins.process import Running

from common.testing.fixtures import eventually

PASSWORD = "correct horse battery"


async def test_seeding_shows_the_staff_password_once(running: Running, account_service: Any) -> None:
    code, first = await running.command("seed")
    assert code == 0, first
    assert "admin@resumax.local" in first
    password = first.rsplit(": ", 1)[1].strip()
    login = {"email": "admin@resumax.local", "password": password}
    tokens = (await running.client.post("/auth/login", json=login)).json()
    me = await running.client.get("/auth/me", headers={"Authorization": f"Bearer {tokens['accessToken']}"})
    assert (me.json()["roles"], me.json()["emailVerified"]) == (["superadmin"], True)
    claims = json.loads(base64.urlsafe_b64decode(tokens["accessToken"].split(".")[1] + "=="))
    assert "admin" in claims["aud"]

    async def profiled() -> bool:
        return any(call[0] == me.json()["id"] for call in account_service[0].calls)

    await eventually(profiled)
    code, second = await running.command("seed")
    assert code == 0
    assert "exists" in second
    assert password not in second
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    setup = (await running.client.post("/auth/mfa/totp", headers=headers)).json()
    confirmation = {"code": pyotp.TOTP(setup["secret"]).now()}
    await running.client.post("/auth/mfa/totp/confirm", json=confirmation, headers=headers)
    assert "mfaRequired" in (await running.client.post("/auth/login", json=login)).json()
    _, reset = await running.command("seed", "--reset")
    assert (await running.client.post("/auth/login", json=login)).status_code == 401
    login["password"] = reset.rsplit(": ", 1)[1].strip()
    again = await running.client.post("/auth/login", json=login)
    assert again.status_code == 200
    assert "accessToken" in again.json(), (
        "whoever runs the platform lets staff in who lost their second factor"
    )


async def test_keys_rotate_in_place_and_old_tokens_stay_good(running: Running) -> None:
    body = {"email": "rotating@example.org", "password": PASSWORD, "name": "R"}
    old = (await running.client.post("/auth/register", json=body)).json()["accessToken"]
    code, said = await running.command("rotate-keys")
    assert code == 0, said

    login = {"email": body["email"], "password": PASSWORD}

    async def signed_by_another() -> str:
        token: str = (await running.client.post("/auth/login", json=login)).json()["accessToken"]
        return token if token.split(".")[0] != old.split(".")[0] else ""

    new = await eventually(signed_by_another)
    for token in (old, new):
        me = await running.client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert me.status_code == 200
