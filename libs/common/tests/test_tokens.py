"""Which access tokens a service takes, and that a revoked one is over everywhere at once (SECURITY 13, 15)."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import RSAKey
from litestar import Litestar, Response, get
from widgets_service import app as widgets

from common import tokens
from common.bus import Bus
from common.ids import new_id
from common.kv import Bucket
from common.problems import Unavailable
from common.settings import ServiceSettings
from common.streams import AUTH_TOKENS
from common.testing.fixtures import MakeSettings, eventually
from common.testing.issuer import KEY, OTHER_KEY, Issuer
from common.testing.ports import free_port
from common.testing.processes import Nats
from common.testing.served import served
from common.tokens import InvalidToken, KeyCache, TokenVerifier, keys_over_http

SOMETHING = f"/widgets/v1/{new_id()}"
"""A widget that nobody has: 404 for whoever may ask."""


async def ask(client: httpx.AsyncClient, token: str | bytes) -> httpx.Response:
    value = token if isinstance(token, bytes) else token.encode()
    return await client.get(SOMETHING, headers=[(b"Authorization", b"Bearer " + value)])


def b64(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def forged(token: str, header: dict[str, Any], secret: bytes | None) -> str:
    """The claims of `token` under another header: signed with an HMAC of `secret`, or not at all."""
    signed = f"{b64(header)}.{token.split('.')[1]}"
    mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest() if secret is not None else b""
    return f"{signed}.{b64(mac)}"


def signed(algorithm: str, issuer: Issuer) -> str:
    """A token by the right key with another algorithm."""
    claims = issuer.token("widgets").split(".")[1]
    payload = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))
    key = RSAKey.import_key(KEY.as_pem(private=True))
    header = {"alg": algorithm, "typ": "at+jwt", "kid": KEY.kid}
    return jws.serialize_compact(header, payload, key, algorithms=[algorithm])


NOW = int(time.time())
EVIL = "https://evil.example/keys"
OTHER_JWK = OTHER_KEY.as_dict(private=False)
RS256 = {"alg": "RS256", "typ": "at+jwt", "kid": KEY.kid}
HS256, NONE = RS256 | {"alg": "HS256"}, RS256 | {"alg": "none"}

BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "wrong iss": {"iss": "https://evil.example"},
    "iss in capitals": {"iss": "HTTP://127.0.0.1"},
    "wrong aud": {"aud": "api"},
    "several wrong aud": {"aud": ["api", "account", "widget", "widgets2"]},
    "empty aud": {"aud": []},
    "aud that contains ours": {"aud": "widgets api"},
    "aud null": {"aud": None},
    "expired": {"exp": NOW - 61},
    "never valid": {"exp": 0},
    "exp as text": {"exp": "tomorrow"},
    "exp null": {"exp": None},
    "not yet valid": {"nbf": NOW + 300},
    "issued in the future": {"iat": NOW + 300},
    "sub that is no id": {"sub": "'; DROP TABLE users"},
    "empty sub": {"sub": ""},
    "roles of the wrong type": {"roles": "superadmin"},
    "10 KB": {"scope": "x" * 10_000},
}
BAD_HEADERS: dict[str, dict[str, Any]] = {
    "an ID token": {"typ": "JWT"},
    "unknown kid": {"kid": "unknown"},
    "path in kid": {"kid": "../../etc/passwd"},
}
OTHERS_KEY: dict[str, dict[str, Any]] = {
    "another's key": {},
    "another's key under our kid": {"kid": KEY.kid},
    "jwk": {"jwk": OTHER_JWK},
    "jwk under our kid": {"kid": KEY.kid, "jwk": OTHER_JWK},
    "jku": {"jku": EVIL},
    "jku under our kid": {"kid": KEY.kid, "jku": EVIL},
    "x5u": {"x5u": EVIL},
}
FORGED: dict[str, tuple[dict[str, Any], bytes | None]] = {
    "alg none": (NONE, None),
    "alg NONE": (NONE | {"alg": "NONE"}, None),
    "alg None with a signature": (NONE | {"alg": "None"}, b"secret"),
    "RS256 without a signature": (RS256, None),
    "HS256 with the public key in PEM": (HS256, KEY.as_pem(private=False)),
    "HS256 with the public key in DER": (HS256, KEY.as_der(private=False)),
    "HS256 with the public key as JWK": (HS256, json.dumps(KEY.as_dict(private=False)).encode()),
    "HS256 with an empty secret": (HS256, b""),
    "no kid": ({"alg": "RS256", "typ": "at+jwt"}, b"x"),
    "no typ": ({"alg": "RS256", "kid": KEY.kid}, b"x"),
    "no alg": ({"typ": "at+jwt", "kid": KEY.kid}, b"x"),
    "crit": (RS256 | {"crit": ["exp"]}, b"x"),
    "kid that is no text": (RS256 | {"kid": 7}, b"x"),
}
NO_TOKENS = {
    "10 KB of dots": "." * 10_000,
    "garbage": "garbage",
    "three empty parts": "..",
    "no JSON": f"{b64(b'nope')}.{b64(b'nope')}.{b64(b'nope')}",
    "a list as header": f"{b64(b'[1]')}.{b64(b'[1]')}.AAAA",
    "header that is no base64": "{}.e30.AAAA",
    "an encrypted one": f"{b64({'alg': 'dir', 'enc': 'A128GCM'})}..AAAA.AAAA.AAAA",
    "a NUL in base64": f"{b64(b'{}')}%00.e30.AAAA",
}


async def check_refused(client: httpx.AsyncClient, token: str) -> None:
    answer = await ask(client, token)
    assert answer.status_code == 401, answer.text
    assert answer.json()["code"] == "UNAUTHORIZED"
    assert answer.json()["detail"] == "The access token is not valid.", "the reason stays with us"
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("kind", BAD_CLAIMS)
async def test_a_token_with_a_wrong_claim_is_refused(
    client: httpx.AsyncClient, issuer: Issuer, kind: str
) -> None:
    await check_refused(client, issuer.token("widgets", **BAD_CLAIMS[kind]))


@pytest.mark.parametrize("kind", BAD_HEADERS)
async def test_a_token_with_a_wrong_header_is_refused(
    client: httpx.AsyncClient, issuer: Issuer, kind: str
) -> None:
    await check_refused(client, issuer.token("widgets", header=BAD_HEADERS[kind]))


@pytest.mark.parametrize("kind", OTHERS_KEY)
async def test_a_token_that_brings_its_own_key_is_refused(
    client: httpx.AsyncClient, issuer: Issuer, kind: str
) -> None:
    await check_refused(client, issuer.token("widgets", key=OTHER_KEY, header=OTHERS_KEY[kind]))


@pytest.mark.parametrize("kind", FORGED)
async def test_a_forged_token_is_refused(client: httpx.AsyncClient, issuer: Issuer, kind: str) -> None:
    header, secret = FORGED[kind]
    await check_refused(client, forged(issuer.token("widgets"), header, secret))


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
async def test_the_right_key_with_another_algorithm_is_refused(
    client: httpx.AsyncClient, issuer: Issuer, algorithm: str
) -> None:
    assert (await ask(client, signed("RS256", issuer))).status_code == 404
    await check_refused(client, signed(algorithm, issuer))


@pytest.mark.parametrize("kind", NO_TOKENS)
async def test_what_is_no_token_is_refused(client: httpx.AsyncClient, kind: str) -> None:
    await check_refused(client, NO_TOKENS[kind])


async def test_a_token_whose_parts_were_touched_is_refused(client: httpx.AsyncClient, issuer: Issuer) -> None:
    token, other = issuer.token("widgets"), issuer.token("widgets")
    header, claims, signature = token.split(".")
    for touched in (
        ".".join([header, other.split(".")[1], signature]),
        ".".join([header, claims, other.split(".")[2]]),
        ".".join([header, claims, signature[:-8]]),
        f"{token} {token}",
        f"{token}.{signature}",
        f"{token}=",
    ):
        await check_refused(client, touched)
    assert (await ask(client, token)).status_code == 404


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"Bearer",
        b"Basic YTpi",
        b"\xff\xfe",
        b"Bearer \xf0\x9f\xa6\x8a",
        b"Token abc",
        b"x" * 5000,
    ],
)
async def test_a_malformed_header_is_401_and_never_500(client: httpx.AsyncClient, value: bytes) -> None:
    answer = await client.get(SOMETHING, headers=[(b"Authorization", value)])
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_that_is_ours_is_taken_within_the_leeway_of_the_clocks(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    now = int(time.time())
    for token in (
        issuer.token("widgets"),
        issuer.token(["api", "widgets"]),
        issuer.token("widgets", exp=now - 5),
        issuer.token("widgets", nbf=now + 5, iat=now + 5),
        issuer.token("widgets", header={"typ": "application/at+jwt"}),
    ):
        assert (await ask(client, token)).status_code == 404
    assert (await client.get(SOMETHING, headers={"Authorization": f"bearer {token}"})).status_code == 404


async def test_a_token_that_was_good_expires_although_it_is_remembered(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    token = issuer.token("widgets", exp=int(time.time()) - tokens.LEEWAY + 1)
    assert (await ask(client, token)).status_code == 404
    await eventually(lambda: _is_refused(client, token), within=3)


class Sso:
    """Gives out its keys, until it is told not to, and counts how often it was asked."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.keys = [KEY]
        self.asked = 0

    def app(self) -> Litestar:
        @get("/.well-known/jwks.json")
        async def keys() -> Response[Any]:
            self.asked += 1
            await asyncio.sleep(0.05)
            return Response({"keys": [key.as_dict(private=False) for key in self.keys]})

        return Litestar([keys], logging_config=None)

    def verifier(self) -> TokenVerifier:
        return TokenVerifier(
            issuer=self.url,
            audience="widgets",
            keys=KeyCache(keys_over_http(self.url)),
            is_revoked=lambda _token_id, _session_id: False,
        )

    def token(self, key: RSAKey = KEY, **header: Any) -> str:
        return Issuer(self.url).token("widgets", key=key, header=header)


async def refused(verifier: TokenVerifier, token: str) -> bool:
    try:
        await verifier.verify(token)
    except InvalidToken:
        return True
    return False


async def test_while_the_sso_is_down_tokens_are_verified_with_the_keys_it_gave_before() -> None:
    sso = Sso()
    verifier = sso.verifier()
    async with served(sso.app(), port=sso.port):
        await verifier.verify(sso.token())
    assert (await verifier.verify(sso.token())).client_id == "resumax"
    assert await refused(verifier, sso.token(kid="unknown")), "and unknown keys are still refused"


async def test_before_there_were_any_keys_the_answer_is_that_it_is_unavailable_until_there_are() -> None:
    sso = Sso()
    verifier = sso.verifier()
    with pytest.raises(Unavailable):
        await verifier.verify(sso.token())
    async with served(sso.app(), port=sso.port):
        await eventually(lambda: _is_taken(verifier, sso.token()), within=2)


async def test_unknown_keys_make_one_fetch_in_thirty_seconds_however_many_ask() -> None:
    sso = Sso()
    verifier = sso.verifier()
    async with served(sso.app(), port=sso.port):
        good = [verifier.verify(sso.token()) for _ in range(20)]
        bad = [refused(verifier, sso.token(kid=f"unknown-{n}")) for n in range(50)]
        await asyncio.gather(*good)
        assert all(await asyncio.gather(*bad))
        assert sso.asked == 1


async def test_a_new_key_is_fetched_when_it_is_first_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "REFETCH_AFTER", 0.2)
    sso = Sso()
    verifier = sso.verifier()
    async with served(sso.app(), port=sso.port):
        await verifier.verify(sso.token())
        sso.keys = [OTHER_KEY, KEY]
        assert await refused(verifier, sso.token(OTHER_KEY)), "not before the time is up"
        await asyncio.sleep(0.2)
        await verifier.verify(sso.token(OTHER_KEY))
        sso.keys = [OTHER_KEY]
        await verifier.verify(sso.token())
    assert sso.asked == 2


async def test_a_flood_of_unknown_keys_does_not_fall_on_an_sso_that_is_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens, "REFETCH_AFTER", 0.0)
    sso = Sso()
    verifier = sso.verifier()
    async with served(sso.app(), port=sso.port):
        await verifier.verify(sso.token())
    tried = 0

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tried
        tried += 1
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", sso.port):
        unknown = [sso.token(kid=f"unknown-{n}") for n in range(30)]
        assert all(await asyncio.gather(*(refused(verifier, token) for token in unknown)))
    assert tried == 1


@asynccontextmanager
async def revoking(nats: Nats) -> AsyncIterator[Bucket]:
    """The bucket as the SSO has it."""
    bus = Bus(nats.url, name="sso", streams=[AUTH_TOKENS])
    bucket = Bucket(bus, AUTH_TOKENS)
    await bus.start()
    try:
        yield bucket
    finally:
        await bus.close()


@pytest.mark.parametrize("what", ["blacklist.{jti}", "revoked.{sid}"])
async def test_a_revocation_takes_effect_within_a_second_and_survives_a_restart(
    client: httpx.AsyncClient, issuer: Issuer, nats: Nats, settings_for: MakeSettings, what: str
) -> None:
    ids = {"jti": new_id().hex, "sid": new_id().hex}
    token, other = issuer.token("widgets", **ids), issuer.token("widgets")
    assert (await ask(client, token)).status_code == 404
    async with revoking(nats) as bucket:
        assert await bucket.put(what.format(**ids), b"1", ttl=600)
        await eventually(lambda: _is_refused(client, token), within=1)
    async with served(widgets.create_app(settings_for(ServiceSettings, widgets.__file__))) as restarted:
        assert (await ask(restarted, token)).status_code == 401
        assert (await ask(restarted, other)).status_code == 404
    assert (await ask(client, other)).status_code == 404


async def test_every_token_of_a_revoked_session_is_over_and_no_other(
    client: httpx.AsyncClient, issuer: Issuer, nats: Nats
) -> None:
    session = new_id().hex
    of_session = [issuer.token("widgets", sid=session) for _ in range(3)]
    others = [issuer.token("widgets"), issuer.token("widgets", sid=""), issuer.token("widgets", jti=session)]
    async with revoking(nats) as bucket:
        await bucket.put(f"revoked.{session}", b"1", ttl=600)
        await eventually(lambda: _is_refused(client, of_session[0]), within=1)
    assert [(await ask(client, token)).status_code for token in of_session] == [401] * 3
    assert [(await ask(client, token)).status_code for token in others] == [404] * 3


async def test_services_pass_where_services_may_and_users_where_users_may(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    service, user = issuer.service_headers("widgets"), issuer.headers("widgets", scope="internal")
    assert (await client.get("/internal/ping", headers=service)).status_code == 200
    assert (await client.get("/internal/ping", headers=user)).status_code == 403
    assert (await client.get("/internal/ping")).status_code == 401
    scopeless = {"Authorization": f"Bearer {issuer.service_token('widgets', scope='')}"}
    assert (await client.get("/internal/ping", headers=scopeless)).status_code == 403
    assert (await client.get(SOMETHING, headers=service)).status_code == 403


async def _is_refused(client: httpx.AsyncClient, token: str) -> bool:
    return (await ask(client, token)).status_code == 401


async def _is_taken(verifier: TokenVerifier, token: str) -> bool:
    try:
        await verifier.verify(token)
    except Unavailable:
        return False
    return True
