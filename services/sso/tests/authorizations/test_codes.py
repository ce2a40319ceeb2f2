"""The authorization code flow with PKCE, and codes that are used as they should not be (SECURITY 18)."""

from typing import Any

from sso_standins.apps import App, answered


async def test_an_app_gets_tokens_for_a_code(app: App, account: Any) -> None:
    told = answered(await app.authorize(account))
    assert told.keys() == {"code", "state", "iss"}
    assert (told["state"], told["iss"]) == ("the-state", "https://resumax.test")
    answer = await app.redeem(told["code"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()
    assert given.keys() == {"access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token"}
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
    access = await app.verified(given["access_token"])
    assert (access["sub"], access["client_id"]) == (account.id, app.id)
    assert (access["aud"], access["scope"]) == (["sso", "api"], given["scope"])
    claims = await app.verified(given["id_token"])
    assert claims.keys() == {
        "iss",
        "sub",
        "aud",
        "azp",
        "exp",
        "iat",
        "auth_time",
        "acr",
        "amr",
        "sid",
        "at_hash",
        "nonce",
    }
    assert (claims["aud"], claims["azp"], claims["nonce"]) == (app.id, app.id, "the-nonce")
    assert (claims["sub"], claims["sid"]) == (account.id, access["sid"])
    assert claims["amr"] == ["pwd"]
