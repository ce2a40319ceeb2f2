"""A copy of a passkey gives itself away by its counter (WebAuthn Level 3, section 6.1.1)."""

import asyncio
from typing import Any

import httpx


async def test_a_counter_that_does_not_rise_disables_the_passkey_and_the_owner_is_told(  # SECURITY 27
    client: httpx.AsyncClient, passkeys: Any, account: Any, mails: Any, trail: Any
) -> None:
    authenticator = await passkeys.added(account, counter=10)
    assert (await passkeys.login(authenticator)).status_code == 200
    answer = await passkeys.login(authenticator, counter=11)
    assert (answer.status_code, answer.json()["code"]) == (401, "PASSKEY_REFUSED")
    kinds = dict(await trail(account))
    assert "passkey.cloned" in kinds
    assert kinds["login.failed"]["reason"] == "cloned"
    [passkey] = await passkeys.listed(account)
    assert passkey["disabled"]
    mail = await mails.wait_for(account.email, "factor-removed")
    assert mail.data["factor"] == "passkey"
    # Neither the copy nor what it is a copy of: nobody knows which is which.
    assert (await passkeys.login(authenticator, counter=500)).status_code == 401
    assert len(mails.to(account.email, "factor-removed")) == 1


async def test_counters_that_fall_to_nothing_or_stand_still_are_copies_too(
    passkeys: Any, register: Any
) -> None:
    for counter in (0, 5, 6):
        authenticator = await passkeys.added(await register(), counter=6)
        assert (await passkeys.login(authenticator, counter=counter)).status_code == 401


async def test_authenticators_that_count_nothing_are_welcome(passkeys: Any, account: Any) -> None:
    authenticator = await passkeys.added(account, step=0)
    for _ in range(3):
        assert (await passkeys.login(authenticator)).status_code == 200
    [passkey] = await passkeys.listed(account)
    assert not passkey["disabled"]


async def test_a_disabled_passkey_still_keeps_the_password_from_being_enough(  # SECURITY 9
    client: httpx.AsyncClient, passkeys: Any, account: Any, new_authenticator: Any
) -> None:
    authenticator = new_authenticator(counter=3)
    added = await passkeys.register(account, authenticator)
    await passkeys.login(authenticator, counter=3)
    login = {"email": account.email, "password": account.password}
    waiting = (await client.post("/auth/login", json=login)).json()
    assert waiting["mfaRequired"] is True
    token = waiting["challengeToken"]
    options = await passkeys.options(challengeToken=token)
    assert options["allowCredentials"] == []
    body = {"challengeToken": token, "method": "passkey", "credential": authenticator.get(options, counter=9)}
    assert (await client.post("/auth/login/mfa", json=body)).status_code == 401
    code = added.json()["recoveryCodes"][0]
    body = {"challengeToken": token, "method": "recovery_code", "code": code}
    assert (await client.post("/auth/login/mfa", json=body)).status_code == 200


async def test_a_copy_shown_as_second_factor_is_found_too(
    client: httpx.AsyncClient, passkeys: Any, account: Any, trail: Any
) -> None:
    authenticator = await passkeys.added(account, counter=3)
    login = {"email": account.email, "password": account.password}
    token = (await client.post("/auth/login", json=login)).json()["challengeToken"]
    options = await passkeys.options(challengeToken=token)
    body = {"challengeToken": token, "method": "passkey", "credential": authenticator.get(options, counter=2)}
    assert (await client.post("/auth/login/mfa", json=body)).status_code == 401
    assert "passkey.cloned" in dict(await trail(account))


async def test_nobody_without_the_key_can_have_a_passkey_taken_for_a_copy(
    passkeys: Any, account: Any, new_key: Any, trail: Any
) -> None:
    authenticator = await passkeys.added(account, counter=10)
    assert (await passkeys.login(authenticator, counter=1, key=new_key())).status_code == 401
    assert "passkey.cloned" not in dict(await trail(account))
    assert (await passkeys.login(authenticator, counter=11)).status_code == 200


async def test_of_many_that_show_one_count_at_once_one_signs_in(passkeys: Any, account: Any) -> None:
    authenticator = await passkeys.added(account, counter=10)
    credentials = [authenticator.get(await passkeys.options(), counter=11) for _ in range(20)]
    answers = await asyncio.gather(*(passkeys.send(credential) for credential in credentials))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19
