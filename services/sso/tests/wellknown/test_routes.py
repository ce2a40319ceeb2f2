"""Discovery (OpenID Connect Discovery 1.0, RFC 8414) and the key set."""

from typing import Any

import httpx
import pytest
from authlib.oauth2 import rfc8414, rfc9207
from authlib.oidc.discovery import OpenIDProviderMetadata
from sso_standins.apps import App

DOCUMENTS = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]


async def test_the_key_set_is_public_cacheable_and_holds_no_private_part(client: httpx.AsyncClient) -> None:
    answer = await client.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    keys = answer.json()["keys"]
    assert len(keys) >= 2
    for key in keys:
        assert key.keys() == {"kty", "n", "e", "kid", "use", "alg"}
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
    again = await client.get("/.well-known/jwks.json", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_discovery_is_as_the_standards_have_it(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.json()["issuer"] == "https://resumax.test"
    OpenIDProviderMetadata(answer.json()).validate()
    rfc8414.AuthorizationServerMetadata(answer.json()).validate(
        metadata_classes=[rfc9207.AuthorizationServerMetadata]
    )


async def test_discovery_names_what_exists_and_nothing_else(client: httpx.AsyncClient) -> None:
    openid, oauth = [(await client.get(path)).json() for path in DOCUMENTS]
    assert openid == oauth
    for name, address in openid.items():
        if name.endswith(("_uri", "_endpoint")):
            path = address.removeprefix("https://resumax.test")
            # There, though it may want another method or more than nothing.
            assert (await client.get(path)).status_code in {200, 303, 400, 401, 405}, name


async def test_every_grant_that_discovery_names_is_offered_and_no_other(client: httpx.AsyncClient) -> None:
    named = (await client.get(DOCUMENTS[0])).json()["grant_types_supported"]
    assert len(named) == len(set(named)) == 5
    for grant in [*named, "password", "urn:ietf:params:oauth:grant-type:token-exchange"]:
        answer = await client.post("/oauth2/token", data={"grant_type": grant})
        assert (answer.json()["error"] == "unsupported_grant_type") == (grant not in named), grant


async def test_userinfo_and_id_tokens_have_the_claims_that_discovery_names(
    app: App, account: Any, client: httpx.AsyncClient
) -> None:
    named = set((await client.get(DOCUMENTS[0])).json()["claims_supported"])
    given = await app.sign_in(account)
    in_id_token = (await app.verified(given["id_token"])).keys()
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    at_userinfo = (await client.get("/oauth2/userinfo", headers=headers)).json().keys()
    assert named == in_id_token | at_userinfo
