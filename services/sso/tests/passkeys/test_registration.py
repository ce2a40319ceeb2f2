"""Adding a passkey."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from common.db import Database
from common.ids import new_id
from sso.passkeys.models import Passkey

UP, UV, BE, BS = 0x01, 0x04, 0x08, 0x10
RS256 = -257


def invalid(answer: httpx.Response) -> bool:
    assert (answer.status_code, answer.json()["code"]) == (400, "PASSKEY_INVALID"), answer.text
    return True


async def test_options_ask_for_a_discoverable_passkey_that_verifies_its_user(
    passkeys: Any, account: Any
) -> None:
    options = await passkeys.creation_options(account)
    assert options["rp"] == {"id": "resumax.test", "name": "resuMAX"}
    assert options["user"]["name"] == account.email
    assert options["user"]["displayName"] == "Ada Lovelace"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert (options["attestation"], options["excludeCredentials"]) == ("none", [])
    authenticator = await passkeys.added(account)
    assert authenticator.user_handle == UUID(account.id).bytes
    strong = await passkeys.strong(account, authenticator)
    [excluded] = (await passkeys.creation_options(strong))["excludeCredentials"]
    assert excluded["type"] == "public-key"
    assert excluded["transports"] == ["hybrid", "internal"]


async def test_the_first_passkey_comes_with_recovery_codes_and_the_owner_is_told(  # SECURITY 27
    client: httpx.AsyncClient, passkeys: Any, account: Any, new_authenticator: Any, mails: Any, trail: Any
) -> None:
    first = new_authenticator()
    answer = await passkeys.register(account, first)
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["recoveryCodes"]) == 10
    mail = await mails.wait_for(account.email, "factor-added")
    assert mail.data["factor"] == "passkey"
    assert mail.data["link"] == "https://resumax.test/auth/ui/security"
    again = await passkeys.register(await passkeys.strong(account, first), new_authenticator())
    assert again.json()["recoveryCodes"] == []
    kinds = [kind for kind, _ in await trail(account)]
    assert kinds.count("passkey.registered") == kinds.count("mfa.enabled") == 2
    login = {"email": account.email, "password": account.password}
    methods = (await client.post("/auth/login", json=login)).json()["methods"]
    assert methods == ["passkey", "recovery_code"]


@pytest.mark.parametrize(
    ("aaguid", "agent", "name"),
    [
        ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "curl/8", "Apple Passwords"),
        (
            str(UUID(int=0)),
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36",
            "Chrome, Linux",
        ),
        (str(UUID(int=0)), "?", "Passkey"),
    ],
)
async def test_a_passkey_without_a_name_gets_that_of_what_made_it(
    client: httpx.AsyncClient,
    passkeys: Any,
    account: Any,
    new_authenticator: Any,
    aaguid: str,
    agent: str,
    name: str,
) -> None:
    authenticator = new_authenticator()
    authenticator.aaguid = UUID(aaguid).bytes
    credential = authenticator.create(await passkeys.creation_options(account))
    headers = account.headers | {"User-Agent": agent}
    answer = await client.post("/auth/passkeys/register", json={"credential": credential}, headers=headers)
    assert answer.json()["passkey"]["name"] == name


WRONG: dict[str, dict[str, Any]] = {
    "another origin": {"client_data": {"origin": "https://evil.test"}},
    "a frame of another page": {"client_data": {"crossOrigin": True}},
    "another relying party": {"rp_id": "evil.test"},
    "an assertion": {"client_data": {"type": "webauthn.get"}},
    "a challenge that is not ours": {"client_data": {"challenge": "A" * 43}},
    "nobody there": {"flags": UV},
    "nobody verified": {"flags": UP},
    "a backup of what cannot be backed up": {"flags": UP | UV | BS},
    "no key": {"cose": {}},
    "a key of text": {"cose": "key"},
    "a point that is not on the curve": {"cose": {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}},
    "an algorithm nobody asked for": {"cose": {1: 2, 3: -36, -1: 1, -2: bytes(32), -3: bytes(32)}},
    "RSA with SHA-1": {"cose": {1: 3, 3: -65535, -1: b"\xff" * 256, -2: b"\x01\x00\x01"}},
    "a key of another kind than its algorithm": {
        "cose": {1: 3, 3: -7, -1: b"\xff" * 256, -2: b"\x01\x00\x01"}
    },
    "no credential id": {"credential_id": b"", "outer_id": b"x"},
    "an id that is too long": {"credential_id": b"x" * 1024, "outer_id": b"x" * 1023},
    "another id than was attested": {"outer_id": b"another"},
    "an attestation of its own making": {
        "attestation": {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"x"}}
    },
    "a statement without a format": {"attestation": {"attStmt": {"sig": b"x"}}},
    "a format nobody knows": {"attestation": {"fmt": "trust-me"}},
    "no authenticator data": {"attestation": {"authData": b""}},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG.keys())
async def test_what_is_wrong_with_a_new_passkey_is_refused(
    passkeys: Any, bystander: Any, new_authenticator: Any, changes: dict[str, Any]
) -> None:
    assert invalid(await passkeys.register(bystander, new_authenticator(), **changes))
    assert await passkeys.listed(bystander) == []


async def test_weak_keys_are_refused(
    passkeys: Any, bystander: Any, new_authenticator: Any, new_key: Any
) -> None:
    for key in (new_key(RS256, bits=1024), new_key(curve=ec.SECP384R1())):
        assert invalid(await passkeys.register(bystander, new_authenticator(key=key)))


async def test_an_answer_adds_one_passkey(  # SECURITY 8
    client: httpx.AsyncClient, passkeys: Any, account: Any, new_authenticator: Any
) -> None:
    strong = await passkeys.strong(account, await passkeys.added(account))
    options = await passkeys.creation_options(strong)
    bodies = [{"credential": new_authenticator().create(options)} for _ in range(20)]
    answers = await asyncio.gather(
        *(client.post("/auth/passkeys/register", json=body, headers=strong.headers) for body in bodies)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 19
    assert len(await passkeys.listed(account)) == 2


async def test_a_challenge_is_only_for_whom_it_was_given_to_and_only_to_register(  # SECURITY 8
    client: httpx.AsyncClient, passkeys: Any, account: Any, register: Any, new_authenticator: Any
) -> None:
    async def answered(options: dict[str, Any]) -> httpx.Response:
        user = (await passkeys.creation_options(account))["user"]
        body = {"credential": new_authenticator().create(options | {"user": user})}
        return await client.post("/auth/passkeys/register", json=body, headers=account.headers)

    assert invalid(await answered(await passkeys.creation_options(await register())))
    assert invalid(await answered(await passkeys.options()))
    stepping_up = await client.post("/auth/passkeys/step-up/options", headers=account.headers)
    assert invalid(await answered(stepping_up.json()))


async def test_a_passkey_belongs_to_one_account(
    passkeys: Any, account: Any, register: Any, new_authenticator: Any
) -> None:
    authenticator = await passkeys.added(account)
    for owner in (await passkeys.strong(account, authenticator), await register()):
        other = new_authenticator()
        other.id = authenticator.id
        answer = await passkeys.register(owner, other)
        assert (answer.status_code, answer.json()["code"]) == (409, "PASSKEY_EXISTS")
    assert (await passkeys.login(authenticator)).status_code == 200


async def test_an_account_has_twenty_passkeys_at_most(
    client: httpx.AsyncClient, passkeys: Any, account: Any, database: Database, new_authenticator: Any
) -> None:
    strong = await passkeys.strong(account, await passkeys.added(account))
    early = await passkeys.creation_options(strong)
    async with database.write() as db:
        one = (await db.scalars(select(Passkey).where(Passkey.user_id == UUID(account.id)))).one()
        for _ in range(19):
            db.add(
                Passkey(
                    user_id=one.user_id,
                    credential_id=new_id().bytes,
                    public_key=one.public_key,
                    transports=[],
                    aaguid=one.aaguid,
                    name="Another",
                )
            )
    refused = await client.post("/auth/passkeys/register/options", headers=strong.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "TOO_MANY_PASSKEYS")
    body = {"credential": new_authenticator().create(early)}
    late = await client.post("/auth/passkeys/register", json=body, headers=strong.headers)
    assert (late.status_code, late.json()["code"]) == (409, "TOO_MANY_PASSKEYS")
    assert len(await passkeys.listed(account)) == 20


async def test_adding_a_passkey_needs_somebody_who_was_authenticated_lately(
    client: httpx.AsyncClient, passkeys: Any, account: Any, aged: Any, new_authenticator: Any
) -> None:
    credential = new_authenticator().create(await passkeys.creation_options(account))
    for path, body in (("register/options", None), ("register", {"credential": credential})):
        answer = await client.post(f"/auth/passkeys/{path}", json=body, headers=aged(account))
        assert (answer.status_code, answer.json()["code"]) == (401, "STEP_UP_REQUIRED")


async def test_a_password_alone_adds_no_passkey_to_an_account_with_a_second_factor(  # SECURITY 9
    client: httpx.AsyncClient, passkeys: Any, account: Any
) -> None:
    authenticator = await passkeys.added(account)
    # The session of before has shown one factor, in this very minute.
    answer = await client.post("/auth/passkeys/register/options", headers=account.headers)
    assert answer.json()["code"] == "STEP_UP_REQUIRED"
    headers = (await passkeys.strong(account, authenticator)).headers
    assert (await client.post("/auth/passkeys/register/options", headers=headers)).status_code == 200


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb", "a\x00", 7, []])
async def test_a_name_that_is_none_is_refused(
    client: httpx.AsyncClient, passkeys: Any, account: Any, new_authenticator: Any, name: Any
) -> None:
    body = {"credential": new_authenticator().create(await passkeys.creation_options(account)), "name": name}
    answer = await client.post("/auth/passkeys/register", json=body, headers=account.headers)
    assert answer.status_code == 400


async def test_what_is_no_credential_is_refused_without_a_crash(
    client: httpx.AsyncClient, passkeys: Any, account: Any, new_authenticator: Any
) -> None:
    hostile = [
        "", "!", "A", "AA", "A" * 32_768, "gQ" * 1000, "oWNmbXQ", "W3__________8", "mwAAAP____8", "2BwA",
        "_" * 400, "gYGBgYGB" * 3000,
    ]  # fmt: skip
    for text in hostile:
        credential = new_authenticator().create(await passkeys.creation_options(account))
        for part in ("attestationObject", "clientDataJSON"):
            spoiled = credential | {"response": credential["response"] | {part: text}}
            body = {"credential": spoiled}
            answer = await client.post("/auth/passkeys/register", json=body, headers=account.headers)
            assert answer.status_code == 400, (text[:20], part, answer.text)
    assert await passkeys.listed(account) == []
