"""A passkey as second factor of a sign-in, and to confirm once more who one is."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from common.db import Database
from sso.sessions.models import Session

UP = 0x01


async def waiting(client: httpx.AsyncClient, account: Any) -> str:
    """The token of a sign-in by password that waits for its second factor."""
    login = {"email": account.email, "password": account.password}
    answer = await client.post("/auth/login", json=login)
    assert answer.json()["mfaRequired"] is True
    return str(answer.json()["challengeToken"])


async def shown(client: httpx.AsyncClient, token: str, credential: Any) -> httpx.Response:
    body = {"challengeToken": token, "method": "passkey", "credential": credential}
    return await client.post("/auth/login/mfa", json=body)


def wrong(answer: httpx.Response) -> bool:
    assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_CODE"), answer.text
    return True


async def test_a_passkey_completes_a_sign_in_by_password(
    client: httpx.AsyncClient, passkeys: Any, account: Any, database: Database
) -> None:
    authenticator = await passkeys.added(account)
    token = await waiting(client, account)
    options = await passkeys.options(challengeToken=token)
    [allowed] = options["allowCredentials"]
    assert allowed["transports"] == ["hybrid", "internal"]
    answer = await shown(client, token, authenticator.get(options, user_handle=b""))
    assert answer.status_code == 200, answer.text
    async with database.read() as db:
        newest = select(Session).where(Session.user_id == UUID(account.id)).order_by(Session.id.desc())
        session = (await db.scalars(newest)).first()
    assert session is not None
    assert session.amr == ["pwd", "pop", "user", "mfa"]
    [passkey] = await passkeys.listed(account)
    assert passkey["lastUsedAt"] is not None


async def test_the_passkey_has_to_be_one_of_the_account(
    client: httpx.AsyncClient, passkeys: Any, account: Any, register: Any
) -> None:
    await passkeys.added(account)
    theirs = await passkeys.added(await register())
    token = await waiting(client, account)
    for handle in (theirs.user_handle, UUID(account.id).bytes, None, b""):
        options = await passkeys.options(challengeToken=token)
        assert wrong(await shown(client, token, theirs.get(options, user_handle=handle)))


async def test_challenges_for_anything_else_complete_no_sign_in(  # SECURITY 8
    client: httpx.AsyncClient, passkeys: Any, account: Any, register: Any
) -> None:
    authenticator = await passkeys.added(account)
    other = await register()
    await passkeys.added(other)
    token = await waiting(client, account)
    stepping_up = await client.post("/auth/passkeys/step-up/options", headers=account.headers)
    for options in (
        await passkeys.options(),
        stepping_up.json(),
        await passkeys.options(challengeToken=await waiting(client, other)),
    ):
        assert wrong(await shown(client, token, authenticator.get(options)))


async def test_a_second_factor_is_shown_once_and_verifies_its_user(  # SECURITY 8
    client: httpx.AsyncClient, passkeys: Any, account: Any
) -> None:
    authenticator = await passkeys.added(account)
    tokens = [await waiting(client, account) for _ in range(2)]
    unverified = authenticator.get(await passkeys.options(challengeToken=tokens[0]), flags=UP)
    assert wrong(await shown(client, tokens[0], unverified))
    credential = authenticator.get(await passkeys.options(challengeToken=tokens[0]))
    answers = await asyncio.gather(*(shown(client, token, credential) for token in tokens * 2))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_a_sign_in_that_does_not_wait_has_no_options(client: httpx.AsyncClient, passkeys: Any) -> None:
    for token in ("x", "A" * 43):
        answer = await client.post("/auth/passkeys/login/options", json={"challengeToken": token})
        assert (answer.status_code, answer.json()["code"]) == (401, "CHALLENGE_EXPIRED")


async def test_wrong_codes_do_not_lock_the_passkey(
    client: httpx.AsyncClient, passkeys: Any, account: Any
) -> None:
    authenticator = await passkeys.added(account)
    for attempt in range(2):
        token = await waiting(client, account)
        for _ in range(4):
            body = {"challengeToken": token, "method": "recovery_code", "code": "0000-0000-0000-0000"}
            headers = {"X-Forwarded-For": f"203.0.113.{70 + attempt}"}
            locked = await client.post("/auth/login/mfa", json=body, headers=headers)
    assert locked.status_code == 429
    token = await waiting(client, account)
    options = await passkeys.options(challengeToken=token)
    assert (await shown(client, token, authenticator.get(options))).status_code == 200


@pytest.mark.parametrize("credential", [{}, {"id": 1}, {"id": "x", "rawId": "x", "type": "public-key"}])
async def test_what_is_no_credential_is_wrong(
    client: httpx.AsyncClient, passkeys: Any, account: Any, credential: Any
) -> None:
    await passkeys.added(account)
    assert wrong(await shown(client, await waiting(client, account), credential))


async def test_a_passkey_confirms_once_more_who_one_is(  # SECURITY 10
    client: httpx.AsyncClient, passkeys: Any, account: Any
) -> None:
    authenticator = await passkeys.added(account)
    options = await client.post("/auth/passkeys/step-up/options", headers=account.headers)
    for wanted, status in ((await passkeys.options(), 401), (options.json(), 200)):
        body = {"method": "passkey", "credential": authenticator.get(wanted)}
        answer = await client.post("/auth/step-up", json=body, headers=account.headers)
        assert answer.status_code == status, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    assert (await client.post("/auth/passkeys/register/options", headers=headers)).status_code == 200
    old = await client.post("/auth/refresh", json={"refreshToken": account.refresh_token})
    assert old.status_code == 401
