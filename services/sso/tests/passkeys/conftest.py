"""An authenticator in software, which can be told to do everything wrong."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import cbor2
import httpx
import msgspec
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select

from common.db import Database
from common.ids import new_id
from sso.security_events.models import SecurityEvent

RP_ID, ORIGIN = "resumax.test", "https://resumax.test"
ES256, EDDSA, RS256 = -7, -8, -257
UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
JSON = dict[str, Any]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


class Key:
    """A key pair as COSE knows it (RFC 9053)."""

    def __init__(
        self, algorithm: int = ES256, *, curve: ec.EllipticCurve | None = None, bits: int = 2048
    ) -> None:
        self.algorithm = algorithm
        self._private: Any
        if algorithm == ES256:
            self._private = ec.generate_private_key(curve or ec.SECP256R1())
        elif algorithm == EDDSA:
            self._private = ed25519.Ed25519PrivateKey.generate()
        else:
            self._private = rsa.generate_private_key(65537, bits)

    def cose(self) -> JSON | dict[int, Any]:
        public = self._private.public_key()
        if self.algorithm == EDDSA:
            return {1: 1, 3: EDDSA, -1: 6, -2: public.public_bytes_raw()}
        numbers = public.public_numbers()
        if self.algorithm == RS256:
            size = (numbers.n.bit_length() + 7) // 8
            return {1: 3, 3: RS256, -1: numbers.n.to_bytes(size, "big"), -2: b"\x01\x00\x01"}
        size = (public.key_size + 7) // 8
        curve = {256: 1, 384: 2, 521: 3}[public.key_size]
        x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
        return {1: 2, 3: ES256, -1: curve, -2: x, -3: y}

    def sign(self, data: bytes) -> bytes:
        if self.algorithm == EDDSA:
            signature: bytes = self._private.sign(data)
        elif self.algorithm == RS256:
            signature = self._private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        else:
            signature = self._private.sign(data, ec.ECDSA(hashes.SHA256()))
        return signature


class Authenticator:
    """One passkey. `create` and `get` answer the options of the server; keywords change what they do."""

    def __init__(
        self, key: Key | None = None, *, flags: int = UP | UV, counter: int = 0, step: int = 1
    ) -> None:
        self.key = key or Key()
        self.id = secrets.token_bytes(32)
        self.flags, self.counter, self.step = flags, counter, step
        self.aaguid = bytes(16)
        self.user_handle = b""

    def create(self, options: JSON, **changes: Any) -> JSON:
        self.user_handle = unb64(options["user"]["id"])
        credential_id = changes.get("credential_id", self.id)
        cose = changes.get("cose", self.key.cose())
        attested = self.aaguid + len(credential_id).to_bytes(2, "big") + credential_id + cbor2.dumps(cose)
        flags = changes.get("flags", self.flags) | AT
        data = self._data(changes.get("rp_id", RP_ID), flags, changes.get("counter", self.counter), attested)
        attestation = {"fmt": "none", "attStmt": {}, "authData": data} | changes.get("attestation", {})
        response = {
            "clientDataJSON": b64(self._client_data("webauthn.create", options, changes)),
            "attestationObject": b64(cbor2.dumps(attestation)),
            "transports": changes.get("transports", ["internal", "hybrid"]),
        }
        return self._credential(changes.get("outer_id", credential_id), response)

    def get(self, options: JSON, **changes: Any) -> JSON:
        self.counter = changes.get("counter", self.counter + self.step)
        data = self._data(changes.get("rp_id", RP_ID), changes.get("flags", self.flags), self.counter)
        client_data = self._client_data("webauthn.get", options, changes)
        key = changes.get("key", self.key)
        response = {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(data),
            "signature": b64(key.sign(data + hashlib.sha256(client_data).digest())),
        }
        handle = changes.get("user_handle", self.user_handle)
        if handle is not None:
            response["userHandle"] = b64(handle)
        return self._credential(changes.get("credential_id", self.id), response)

    @staticmethod
    def _data(rp_id: str, flags: int, counter: int, attested: bytes = b"") -> bytes:
        return (
            hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + counter.to_bytes(4, "big") + attested
        )

    @staticmethod
    def _client_data(kind: str, options: JSON, changes: JSON) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": ORIGIN, "crossOrigin": False}
        return json.dumps(said | changes.get("client_data", {})).encode()

    @staticmethod
    def _credential(credential_id: bytes, response: JSON) -> JSON:
        return {
            "id": b64(credential_id),
            "rawId": b64(credential_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }


class Bystander(msgspec.Struct, frozen=True):
    headers: dict[str, str]
    id: str


class Passkeys:
    """The ceremonies over HTTP, as a front end goes through them."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def creation_options(self, account: Any) -> JSON:
        answer = await self.client.post("/auth/passkeys/register/options", headers=account.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def register(
        self, account: Any, authenticator: Authenticator, *, name: str | None = None, **changes: Any
    ) -> httpx.Response:
        credential = authenticator.create(await self.creation_options(account), **changes)
        body = {"credential": credential} | ({"name": name} if name is not None else {})
        return await self.client.post("/auth/passkeys/register", json=body, headers=account.headers)

    async def added(self, account: Any, *, name: str | None = None, **options: Any) -> Authenticator:
        authenticator = Authenticator(**options)
        answer = await self.register(account, authenticator, name=name)
        assert answer.status_code == 201, answer.text
        return authenticator

    async def strong(self, account: Any, authenticator: Authenticator) -> Any:
        """`account` with a session that was signed in to with its passkey."""
        answer = await self.login(authenticator)
        assert answer.status_code == 200, answer.text
        return msgspec.structs.replace(account, access_token=answer.json()["accessToken"])

    async def options(self, **body: Any) -> JSON:
        answer = await self.client.post("/auth/passkeys/login/options", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def login(self, authenticator: Authenticator, **changes: Any) -> httpx.Response:
        return await self.send(authenticator.get(await self.options(), **changes))

    async def send(self, credential: Any, **body: Any) -> httpx.Response:
        return await self.client.post("/auth/passkeys/login", json={"credential": credential} | body)

    async def listed(self, account: Any) -> list[JSON]:
        answer = await self.client.get("/auth/passkeys", headers=account.headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


@pytest.fixture
def passkeys(client: httpx.AsyncClient) -> Passkeys:
    return Passkeys(client)


@pytest.fixture
def new_key() -> Callable[..., Key]:
    return Key


@pytest.fixture
def new_authenticator() -> Callable[..., Authenticator]:
    return Authenticator


@pytest_asyncio.fixture(scope="module")
async def bystander(client: httpx.AsyncClient) -> Any:
    """An account for tests that leave it as it is."""
    body = {"email": f"{new_id().hex}@example.org", "password": "correct horse battery", "name": "Ada"}
    made = (await client.post("/auth/register", json=body)).json()
    return Bystander({"Authorization": f"Bearer {made['accessToken']}"}, made["user"]["id"])


@pytest_asyncio.fixture(scope="module")
async def their_passkey(client: httpx.AsyncClient, bystander: Any) -> Authenticator:
    return await Passkeys(client).added(bystander)


@pytest.fixture
def aged(signing_key: RSAKey) -> Callable[[Any], dict[str, str]]:
    """The headers of an account that was authenticated an hour ago."""

    def headers(account: Any) -> dict[str, str]:
        token = jwt.decode(account.access_token, signing_key)
        claims = token.claims | {"auth_time": int(time.time()) - 3600}
        signed = jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": signing_key.kid}, claims, signing_key)
        return {"Authorization": f"Bearer {signed}"}

    return headers


@pytest.fixture
def trail(database: Database) -> Callable[[Any], Any]:
    """What happened to an account, as `kind` and details, the oldest first."""

    async def read(account: Any) -> list[tuple[str, JSON]]:
        of_account = select(SecurityEvent).where(SecurityEvent.user_id == UUID(account.id))
        async with database.read() as db:
            events = await db.scalars(of_account.order_by(SecurityEvent.id))
            return [(event.kind, event.details) for event in events]

    return read
