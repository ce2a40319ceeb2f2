"""A rotation of the signing keys, as clients and services see it (SECURITY 16)."""

import hashlib
from collections.abc import Callable
from typing import Any

import httpx
from joserfc import jws
from sso_standins.apps import CALLBACK, SECRET, App

import sso.app
from common.db import Database
from common.ids import now
from common.sealing import MasterKey
from common.testing.fixtures import eventually
from common.testing.served import served
from sso.clients.models import CONFIDENTIAL, OAuthClient
from sso.keys import service
from sso.keys.vault import Vault
from sso.settings import Settings


class Person:
    """Somebody who has signed in with a browser."""

    def __init__(self, tokens: dict[str, Any]) -> None:
        self.refresh_token = tokens["refreshToken"]


async def app_of(client: httpx.AsyncClient, database: Database) -> App:
    row = OAuthClient(id="app", kind=CONFIDENTIAL, is_first_party=True, redirect_uris=[CALLBACK])
    row.secret_sha256 = hashlib.sha256(SECRET.encode()).digest()
    row.grant_types, row.scopes = ["authorization_code", "refresh_token"], ["openid"]
    async with database.write() as db:
        db.add(row)
    return App(client, "app", redirect_uri=CALLBACK, secret=SECRET)


def signed_by(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


# SECURITY 16
async def test_tokens_of_before_a_rotation_are_good_after_it(sso_settings: Callable[..., Settings]) -> None:
    settings = sso_settings()
    database, vault = Database(settings.database_url), Vault(MasterKey(settings.key_encryption_key))
    async with served(sso.app.create_app(settings)) as client:
        body = {"email": "ada@example.org", "password": "correct horse battery", "name": "Ada"}
        person = Person((await client.post("/auth/register", json=body)).json())
        app = await app_of(client, database)
        before = await app.sign_in(person, scope="openid")
        first = signed_by(before["id_token"])
        await service.rotate(database, vault, at=now())

        async def signs_with_another_key() -> dict[str, Any] | None:
            given = await app.sign_in(person, scope="openid")
            return given if signed_by(given["id_token"]) != first else None

        after = await eventually(signs_with_another_key)
        for given in (before, after):
            assert (await app.verified(given["id_token"]))["iss"] == settings.issuer
            headers = {"Authorization": f"Bearer {given['access_token']}"}
            assert (await client.get("/oauth2/userinfo", headers=headers)).status_code == 200
    await database.close()
