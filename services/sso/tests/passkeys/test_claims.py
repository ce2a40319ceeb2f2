from typing import Any

import httpx
import pytest
from verifying import WAYS


@pytest.mark.parametrize("enter", WAYS)
async def test_a_passkey_of_whoever_registered_with_an_address_of_somebody_else_ends_with_its_owners_coming(
    client: httpx.AsyncClient, passkeys: Any, account: Any, mails: Any, enter: Any
) -> None:
    authenticator = await passkeys.added(account)
    assert (await passkeys.login(authenticator)).status_code == 200
    entered = await enter(client, mails, account.email)
    assert "accessToken" in entered.json(), "no second factor is asked for"
    refused = await passkeys.login(authenticator)
    assert (refused.status_code, refused.json()["code"]) == (401, "PASSKEY_REFUSED")
