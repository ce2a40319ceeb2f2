import httpx


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


async def test_discovery_names_what_exists_and_nothing_else(client: httpx.AsyncClient) -> None:
    openid = (await client.get("/.well-known/openid-configuration")).json()
    oauth = (await client.get("/.well-known/oauth-authorization-server")).json()
    assert openid == oauth
    assert openid["issuer"] == "https://resumax.test"
    assert openid["grant_types_supported"] == ["client_credentials"]
    for name, address in openid.items():
        if name.endswith(("_uri", "_endpoint")):
            path = address.removeprefix("https://resumax.test")
            assert (await client.get(path)).status_code in {200, 405}, name
