"""How clients prove who they are: each by its one method, and none by another one's (RFC 6749 section 2.3)."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest
from authlib.oauth2.rfc6749 import InvalidClientError
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import func, select
from sso_standins.apps import SECRET, App, RegisterApp

from common.db import Database
from common.ids import new_id
from common.sealing import MasterKey
from common.settings import Secret
from sso.clients.models import CONFIDENTIAL, PUBLIC, OAuthClient, UsedAssertion
from sso.keys.vault import Vault
from sso.oauth2.assertions import ClientAssertion
from sso.oauth2.clients import Client
from sso.oauth2.requests import ClientRequest
from sso.upkeep import once

RSA = RSAKey.generate_key(2048, {"use": "sig", "kid": "rsa"})
EC = ECKey.generate_key("P-256", {"use": "sig", "kid": "ec"})
STRANGER = RSAKey.generate_key(2048, {"use": "sig", "kid": "rsa"})
JWKS = {"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]}
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM = {"grant_type": "client_credentials", "scope": "resumes:read"}
OWN = {"kind": CONFIDENTIAL, "grant_types": ["client_credentials"], "scopes": ["resumes:read", "openid"]}


async def ask(
    http: httpx.AsyncClient, *, basic: tuple[str, str] | None = None, **form: str
) -> httpx.Response:
    return await http.post("/oauth2/token", data=FORM | form, auth=basic)


def is_refused(answer: httpx.Response) -> bool:
    return (
        (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        and answer.headers["www-authenticate"] == 'Basic realm="resumax"'
        and answer.json()["error_description"] == "The client could not be authenticated."
    )


async def test_a_client_gets_a_token_for_itself(register_app: RegisterApp) -> None:
    app = await register_app(**OWN)
    answer = await ask(app.http, basic=(app.id, SECRET))
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert given.keys() == {"access_token", "token_type", "expires_in", "scope"}
    claims = await app.verified(given["access_token"])
    assert (claims["sub"], claims["client_id"], claims["aud"]) == (app.id, app.id, ["sso", "api"])
    narrowed = await ask(app.http, basic=(app.id, SECRET), audience="api")
    assert (await app.verified(narrowed.json()["access_token"]))["aud"] == ["api"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "internal"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "resumes:read platform"}, "invalid_scope"),
        ({"audience": "account"}, "invalid_target"),
        ({"audience": "https://evil.test"}, "invalid_target"),
    ],
)
async def test_a_client_gets_nothing_for_itself_that_is_a_persons_or_a_services(
    register_app: RegisterApp, form: dict[str, str], error: str
) -> None:
    app = await register_app(**OWN | {"scopes": ["resumes:read", "openid", "platform", "internal"]})
    answer = await ask(app.http, basic=(app.id, SECRET), **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_a_clients_own_token_is_no_services(
    register_app: RegisterApp, client: httpx.AsyncClient
) -> None:
    app = await register_app(**OWN)
    given = (await ask(app.http, basic=(app.id, SECRET))).json()
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    for path in ("/internal/users", "/auth/me", "/oauth2/userinfo"):
        assert (await client.get(path, headers=headers)).status_code == 403, path


async def test_a_client_that_is_not_registered_for_it_gets_no_token_for_itself(app: App) -> None:
    answer = await ask(app.http, basic=(app.id, SECRET))
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"])
async def test_a_client_proves_itself_by_the_method_it_is_registered_with_alone(
    register_app: RegisterApp, method: str
) -> None:
    is_public = method == "none"
    app = await register_app(
        kind=PUBLIC if is_public else CONFIDENTIAL,
        auth_method=method,
        jwks=JWKS if method == "private_key_jwt" else None,
        grant_types=["authorization_code", "client_credentials"],
        scopes=["resumes:read"],
    )
    form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": app.redirect_uri}
    ways: dict[str, dict[str, Any]] = {
        "client_secret_basic": {"basic": (app.id, SECRET)},
        "client_secret_post": {"client_id": app.id, "client_secret": SECRET},
        "private_key_jwt": {"client_assertion": assertion(app.id), "client_assertion_type": ASSERTION_TYPE},
        "none": {"client_id": app.id},
    }
    for way, proof in ways.items():
        answer = await ask(app.http, **form | proof)
        if way == method:
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), way
        else:
            assert is_refused(answer), way


async def test_a_public_client_has_no_token_for_itself(register_app: RegisterApp) -> None:
    app = await register_app(**OWN | {"kind": PUBLIC})
    assert is_refused(await ask(app.http, client_id=app.id))


async def test_credentials_come_in_one_way_at_a_time(register_app: RegisterApp) -> None:
    app = await register_app(**OWN)
    proofs: list[dict[str, Any]] = [
        {"basic": (app.id, SECRET), "client_secret": SECRET},
        {"basic": (app.id, SECRET), "client_assertion": "x.y.z"},
        {"client_id": app.id, "client_secret": SECRET, "client_assertion": "x.y.z"},
    ]
    for proof in proofs:
        answer = await ask(app.http, **proof)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_secret_comes_form_encoded_or_as_it_is(register_app: RegisterApp) -> None:
    """RFC 6749 section 2.3.1 wants the one, many clients do the other."""
    secret = "a b+c%2B&=:\u00fc%"
    app = await register_app(**OWN, secret_sha256=hashlib.sha256(secret.encode()).digest())
    for shown in (secret, quote_plus(secret)):
        encoded = base64.b64encode(f"{quote_plus(app.id)}:{shown}".encode()).decode()
        headers = {"Authorization": f"basic {encoded}"}
        answer = await app.http.post("/oauth2/token", data=FORM, headers=headers)
        assert answer.status_code == 200, shown


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic /w==",
        "Basic Og==",
        "Bearer x",
        "Digest x",
        "Basic YTpi YTpi",
    ],
)
async def test_an_unreadable_header_is_refused(app: App, header: str) -> None:
    answer = await app.http.post("/oauth2/token", data=FORM, headers={"Authorization": header})
    assert is_refused(answer)


def assertion(
    client_id: str, *, key: Any = RSA, alg: str = "RS256", header: dict[str, Any] | None = None, **claims: Any
) -> str:
    """A good one (RFC 7523 section 3), with `claims` and the header changed; None leaves a claim out."""
    issued_at = int(time.time())
    body = {
        "iss": client_id,
        "sub": client_id,
        "aud": "https://resumax.test/oauth2/token",
        "exp": issued_at + 60,
        "iat": issued_at,
        "jti": new_id().hex,
    } | claims
    body = {name: value for name, value in body.items() if value is not None}
    head = {"alg": alg, "kid": key.kid} | (header or {})
    return jwt.encode(head, body, key, algorithms=[alg])


async def show(app: App, shown: str, **form: str) -> httpx.Response:
    return await ask(app.http, client_assertion=shown, client_assertion_type=ASSERTION_TYPE, **form)


@pytest.fixture
async def signing_app(register_app: RegisterApp) -> App:
    """An app that proves itself by signing."""
    return await register_app(**OWN, auth_method="private_key_jwt", jwks=JWKS)


@pytest.mark.parametrize(
    ("key", "alg", "claims"),
    [
        (RSA, "RS256", {}),
        (RSA, "PS256", {}),
        (EC, "ES256", {}),
        (RSA, "RS256", {"aud": "https://resumax.test"}),
        (RSA, "RS256", {"aud": ["https://other.test", "https://resumax.test/oauth2/token"]}),
        (RSA, "RS256", {"iat": None}),
    ],
)
async def test_a_client_proves_itself_by_its_signature(
    signing_app: App, key: Any, alg: str, claims: dict[str, Any]
) -> None:
    answer = await show(signing_app, assertion(signing_app.id, key=key, alg=alg, **claims))
    assert answer.status_code == 200, answer.text
    named = await show(signing_app, assertion(signing_app.id), client_id=signing_app.id)
    assert named.status_code == 200


def _hs256(token: str, secret: bytes) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"rsa"}').decode().rstrip("=")
    signed = f"{head}.{token.split('.')[1]}"
    signature = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), "sha256"))
    return f"{signed}.{signature.decode().rstrip('=')}"


def bad_assertions(client_id: str) -> dict[str, str]:
    at = int(time.time())
    good = assertion(client_id)
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","kid":"rsa"}').decode().rstrip("=")
    return {
        "another's key": assertion(client_id, key=STRANGER),
        "another's key in the header": assertion(
            client_id, key=STRANGER, header={"jwk": STRANGER.as_dict(private=False)}
        ),
        "unknown key": assertion(client_id, header={"kid": "other"}),
        "no signature": f"{unsigned}.{good.split('.')[1]}.",
        "HS256 with the public key": _hs256(good, RSA.as_pem(private=False)),
        "RS512": assertion(client_id, alg="RS512"),
        "another issuer": assertion(client_id, iss="other"),
        "no issuer": assertion(client_id, iss=None),
        "another subject": assertion(client_id, sub="api"),
        "no subject": assertion(client_id, sub=None),
        "a list for a subject": assertion(client_id, sub=[client_id]),
        "another audience": assertion(client_id, aud="https://evil.test/oauth2/token"),
        "the authorization endpoint": assertion(client_id, aud="https://resumax.test/oauth2/authorize"),
        "no audience": assertion(client_id, aud=None),
        "an empty audience": assertion(client_id, aud=[]),
        "expired": assertion(client_id, exp=at - 61),
        "no end": assertion(client_id, exp=None),
        "text for an end": assertion(client_id, exp="never"),
        "too late an end": assertion(client_id, exp=at + 2 * 3600),
        "a huge end": assertion(client_id, exp=10**400),
        "not yet good": assertion(client_id, nbf=at + 120),
        "from the future": assertion(client_id, iat=at + 120),
        "no jti": assertion(client_id, jti=None),
        "an empty jti": assertion(client_id, jti=""),
        "a number for a jti": assertion(client_id, jti=7),
        "a long jti": assertion(client_id, jti="x" * 300),
        "cut": good[:-10],
        "two parts": good.rpartition(".")[0],
        "nothing": "..",
        "text": "assertion",
        "huge": "x" * 100_000 + ".x.x",
    }


async def test_an_assertion_wrong_in_one_thing_is_refused(signing_app: App) -> None:
    for name, shown in bad_assertions(signing_app.id).items():
        assert is_refused(await show(signing_app, shown)), name


async def test_an_assertion_of_another_type_or_for_another_client_is_refused(
    signing_app: App, register_app: RegisterApp
) -> None:
    other = await register_app(**OWN, auth_method="private_key_jwt", jwks=JWKS)
    assert is_refused(await show(signing_app, assertion(signing_app.id), client_id=other.id))
    saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
    shown = {"client_assertion": assertion(signing_app.id), "client_id": signing_app.id}
    assert is_refused(await ask(signing_app.http, client_assertion_type=saml, **shown))
    assert is_refused(await ask(signing_app.http, **shown))


@pytest.mark.parametrize("jwks", [None, {"keys": []}, {"keys": [OctKey.generate_key().as_dict()]}])
async def test_a_client_without_public_keys_proves_nothing(register_app: RegisterApp, jwks: Any) -> None:
    app = await register_app(**OWN, auth_method="private_key_jwt", jwks=jwks or {"keys": []})
    assert is_refused(await show(app, assertion(app.id)))


async def test_an_assertion_is_good_once_even_where_the_request_failed(signing_app: App) -> None:
    once = assertion(signing_app.id)
    answers = await asyncio.gather(*(show(signing_app, once) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9
    failed = assertion(signing_app.id)
    assert (await show(signing_app, failed, scope="nothing")).status_code == 400
    assert is_refused(await show(signing_app, failed))


async def test_two_clients_may_use_the_same_jti(signing_app: App, register_app: RegisterApp) -> None:
    other, jti = await register_app(**OWN, auth_method="private_key_jwt", jwks=JWKS), new_id().hex
    for app in (signing_app, other):
        assert (await show(app, assertion(app.id, jti=jti))).status_code == 200


async def test_used_assertions_are_forgotten_once_they_have_expired(
    signing_app: App, database: Database
) -> None:
    await show(signing_app, assertion(signing_app.id))
    async with database.read() as db:
        kept = await db.scalar(select(func.max(UsedAssertion.expires_at)))
    assert kept is not None
    vault = Vault(MasterKey(Secret(base64.urlsafe_b64encode(b"k" * 32).decode())))
    await once(database, vault, at=kept + timedelta(seconds=1))
    async with database.read() as db:
        assert await db.scalar(select(func.count()).select_from(UsedAssertion)) == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


@given(
    header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk"]), JSON),
    claims=st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "jti", "nbf", "iat"]), JSON),
)
def test_an_assertion_of_any_shape_is_refused_and_never_a_crash(
    header: dict[str, Any], claims: dict[str, Any]
) -> None:
    def encoded(part: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")

    shown = f"{encoded({'alg': 'RS256'} | header)}.{encoded({'sub': 'app'} | claims)}.AAAA"
    app = Client(OAuthClient(id="app", auth_method="private_key_jwt", jwks=JWKS))
    check = ClientAssertion("https://resumax.test", lambda _name, _until: True)
    form = {"client_assertion": shown, "client_assertion_type": ASSERTION_TYPE}
    with pytest.raises(InvalidClientError):
        check(lambda client_id: app if client_id == "app" else None, ClientRequest("POST", form))
