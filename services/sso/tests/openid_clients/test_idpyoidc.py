"""A relying party of the identity-python project, set up by the issuer's address alone."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from idpyoidc.client.rp_handler import RPHandler

CALLBACK = "http://127.0.0.1:9/callback"
SECRET = "a secret of 32 characters or more"
SCOPE = ["openid", "profile", "email", "offline_access"]


def relying_party(issuer: str, client_id: str, folder: Path) -> RPHandler:
    client = {
        "issuer": issuer,
        "client_id": client_id,
        "client_secret": SECRET,
        "client_type": "oidc",
        "redirect_uris": [CALLBACK],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "client_authn_methods": {"client_secret_basic": {}},
        "scopes_supported": SCOPE,
        "add_ons": {
            "pkce": {
                "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
            }
        },
    }
    keys = {"key_defs": [{"type": "RSA", "use": ["sig"]}], "private_path": str(folder / "jwks.json")}
    return RPHandler("http://127.0.0.1:9", client_configs={"sso": client}, key_conf=keys)


async def test_signing_in_and_all_that_follows(live: Any, tmp_path: Path) -> None:
    client_id = await live.register(
        kind="confidential",
        name="A relying party",
        redirect_uris=[CALLBACK],
        grant_types=["authorization_code", "refresh_token"],
        scopes=SCOPE,
        is_first_party=True,
        secret_sha256=hashlib.sha256(SECRET.encode()).digest(),
    )
    party = relying_party(live.issuer, client_id, tmp_path)
    address = await asyncio.to_thread(party.begin, "sso", req_args={"scope": SCOPE})
    back = await live.sign_in(address)
    answer = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    assert answer["iss"] == live.issuer
    # It checks the ID token: signature, issuer, audience, nonce, at_hash; and asks userinfo.
    done = await asyncio.to_thread(party.finalize, live.issuer, answer)
    assert "error" not in done, done
    assert done["userinfo"]["email"] == live.email
    assert done["id_token"]["sub"] == done["userinfo"]["sub"]
    later = await asyncio.to_thread(party.refresh_access_token, answer["state"])
    assert later["refresh_token"]
    assert later["access_token"] != done["token"]
