"""The passkeys of one's account: seeing, naming and removing them."""

from typing import Any

import httpx

from common.ids import new_id

UP, UV, BE, BS = 0x01, 0x04, 0x08, 0x10


async def test_the_list_says_what_its_owner_needs_to_know_them_apart(passkeys: Any, account: Any) -> None:
    authenticator = await passkeys.added(account, name="My telephone", flags=UP | UV | BE)
    [before] = await passkeys.listed(account)
    assert before.pop("createdAt").endswith("Z")
    assert len(before.pop("id")) == 36
    assert before == {
        "name": "My telephone",
        "lastUsedAt": None,
        "backedUp": False,
        "transports": ["hybrid", "internal"],
        "disabled": False,
    }
    await passkeys.login(authenticator, flags=UP | UV | BE | BS)
    [after] = await passkeys.listed(account)
    assert after["lastUsedAt"].endswith("Z")
    assert after["backedUp"]


async def test_a_passkey_can_be_renamed(client: httpx.AsyncClient, passkeys: Any, account: Any) -> None:
    await passkeys.added(account)
    [passkey] = await passkeys.listed(account)
    path = f"/auth/passkeys/{passkey['id']}"
    answer = await client.patch(path, json={"name": "  Schlüssel 🔑 "}, headers=account.headers)
    assert (answer.status_code, answer.json()["name"]) == (200, "Schlüssel 🔑")
    assert (await passkeys.listed(account))[0]["name"] == "Schlüssel 🔑"
    for name in ("", "   ", "x" * 101, "a\tb"):
        refused = await client.patch(path, json={"name": name}, headers=account.headers)
        assert refused.status_code == 400


async def test_the_owner_is_told_of_a_removed_passkey_and_recovery_codes_go_with_the_last(
    client: httpx.AsyncClient, passkeys: Any, account: Any, mails: Any, trail: Any
) -> None:
    headers = (await passkeys.strong(account, await passkeys.added(account))).headers
    [passkey] = await passkeys.listed(account)
    assert (await client.delete(f"/auth/passkeys/{passkey['id']}", headers=headers)).status_code == 204
    mail = await mails.wait_for(account.email, "factor-removed")
    assert mail.data["factor"] == "passkey"
    kinds = [kind for kind, _ in await trail(account)]
    assert kinds[-2:] == ["passkey.removed", "mfa.disabled"]
    state = (await client.get("/auth/mfa", headers=account.headers)).json()
    assert (state["passkeys"], state["recoveryCodesLeft"], state["methods"]) == (0, 0, [])
    login = {"email": account.email, "password": account.password}
    assert "accessToken" in (await client.post("/auth/login", json=login)).json()


async def test_removing_one_of_two_keeps_the_recovery_codes(
    client: httpx.AsyncClient, passkeys: Any, account: Any, new_authenticator: Any
) -> None:
    headers = (await passkeys.strong(account, await passkeys.added(account))).headers
    options = await client.post("/auth/passkeys/register/options", headers=headers)
    body = {"credential": new_authenticator().create(options.json())}
    second = await client.post("/auth/passkeys/register", json=body, headers=headers)
    path = f"/auth/passkeys/{second.json()['passkey']['id']}"
    assert (await client.delete(path, headers=headers)).status_code == 204
    state = (await client.get("/auth/mfa", headers=headers)).json()
    assert (state["passkeys"], state["recoveryCodesLeft"]) == (1, 10)


async def test_removing_a_passkey_needs_one_to_have_shown_it_lately(
    client: httpx.AsyncClient, passkeys: Any, account: Any, aged: Any
) -> None:
    await passkeys.added(account)
    [passkey] = await passkeys.listed(account)
    for headers in (account.headers, aged(account)):
        answer = await client.delete(f"/auth/passkeys/{passkey['id']}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "STEP_UP_REQUIRED")
    assert len(await passkeys.listed(account)) == 1


async def test_nobody_sees_or_changes_the_passkeys_of_others(  # SECURITY 22
    client: httpx.AsyncClient, passkeys: Any, account: Any, register: Any
) -> None:
    await passkeys.added(account)
    [passkey] = await passkeys.listed(account)
    other = await register()
    assert await passkeys.listed(other) == []
    for method, body in (("PATCH", {"name": "Mine"}), ("DELETE", None)):
        for passkey_id in (passkey["id"], new_id()):
            answer = await client.request(
                method, f"/auth/passkeys/{passkey_id}", json=body, headers=other.headers
            )
            assert (answer.status_code, answer.json()["code"]) == (404, "PASSKEY_NOT_FOUND")
    assert len(await passkeys.listed(account)) == 1
