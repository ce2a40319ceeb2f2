"""Signing in with nothing but a passkey: what is accepted, and everything that is not."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

import sso.app
from common.db import Database
from common.ids import now
from common.testing.served import served
from sso.passkeys.models import PasskeyChallenge
from sso.sessions.models import Session
from sso.settings import Settings
from sso.users.models import SUSPENDED, User

UP, UV, BE, BS = 0x01, 0x04, 0x08, 0x10
ES256, EDDSA, RS256 = -7, -8, -257
BY_PASSKEY = ["pop", "user", "mfa"]


def refused(answer: httpx.Response) -> bool:
    """The one answer to whatever is wrong."""
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (401, "PASSKEY_REFUSED"), answer.text
    assert problem["detail"] == "This passkey does not sign you in"
    assert "set-cookie" not in answer.headers
    return True


async def test_a_passkey_signs_in_without_name_and_password_and_is_two_factors(
    client: httpx.AsyncClient, passkeys: Any, account: Any, database: Database, trail: Any
) -> None:
    authenticator = await passkeys.added(account)
    options = await passkeys.options()
    assert (options["rpId"], options["allowCredentials"]) == ("resumax.test", [])
    answer = await passkeys.send(authenticator.get(options))
    assert answer.status_code == 200, answer.text
    token = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    assert (await client.get("/auth/me", headers=token)).json()["id"] == account.id
    async with database.read() as db:
        newest = select(Session).where(Session.user_id == UUID(account.id)).order_by(Session.id.desc())
        session = (await db.scalars(newest)).first()
    assert session is not None
    assert session.amr == BY_PASSKEY
    assert session.acr == "urn:resumax:acr:multi-factor"
    assert (await trail(account))[-1] == ("login.succeeded", {"methods": "pop user mfa"})


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
async def test_every_algorithm_that_is_asked_for_signs_in(
    passkeys: Any, account: Any, new_key: Any, algorithm: int
) -> None:
    offered = (await passkeys.creation_options(account))["pubKeyCredParams"]
    assert {"type": "public-key", "alg": algorithm} in offered
    authenticator = await passkeys.added(account, key=new_key(algorithm))
    assert (await passkeys.login(authenticator)).status_code == 200


async def test_a_browser_gets_its_refresh_token_as_a_cookie(passkeys: Any, account: Any) -> None:
    authenticator = await passkeys.added(account)
    answer = await passkeys.send(authenticator.get(await passkeys.options()), useCookie=True)
    assert "refreshToken" not in answer.json()
    assert answer.headers["set-cookie"].startswith("__Host-resumax_refresh=")


async def test_no_page_of_others_signs_a_browser_in(
    client: httpx.AsyncClient, passkeys: Any, account: Any
) -> None:
    authenticator = await passkeys.added(account)
    body = {"credential": authenticator.get(await passkeys.options()), "useCookie": True}
    for headers in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await client.post("/auth/passkeys/login", json=body, headers=headers)
        assert answer.status_code == 403


WRONG: dict[str, dict[str, Any]] = {
    "another origin": {"client_data": {"origin": "https://evil.test"}},
    "an origin that looks like ours": {"client_data": {"origin": "https://resumax.test.evil.test"}},
    "our origin without TLS": {"client_data": {"origin": "http://resumax.test"}},
    "another port of ours": {"client_data": {"origin": "https://resumax.test:8443"}},
    "a subdomain of ours": {"client_data": {"origin": "https://cdn.resumax.test"}},
    "an origin that is no text": {"client_data": {"origin": ["https://resumax.test"]}},
    "a frame of another page": {"client_data": {"crossOrigin": True, "topOrigin": "https://evil.test"}},
    "another relying party": {"rp_id": "evil.test"},
    "a registration": {"client_data": {"type": "webauthn.create"}},
    "another type": {"client_data": {"type": "payment.get"}},
    "a challenge that is not ours": {"client_data": {"challenge": "A" * 43}},
    "an empty challenge": {"client_data": {"challenge": ""}},
    "a challenge that is no text": {"client_data": {"challenge": 7}},
    "nobody there": {"flags": UV},
    "nobody verified": {"flags": UP},
    "a key that became one to be backed up": {"flags": UP | UV | BE},
    "a backup of what cannot be backed up": {"flags": UP | UV | BS},
    "no user handle": {"user_handle": None},
    "an empty user handle": {"user_handle": b""},
    "a user handle that is not theirs": {"user_handle": bytes(16)},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG.keys())
async def test_what_is_wrong_with_an_assertion_is_refused_not_told_and_on_record(  # SECURITY 27
    passkeys: Any, bystander: Any, their_passkey: Any, changes: dict[str, Any], trail: Any
) -> None:
    assert refused(await passkeys.login(their_passkey, **changes))
    kind, details = (await trail(bystander))[-1]
    assert (kind, details["method"]) == ("login.failed", "passkey")
    assert (await passkeys.login(their_passkey)).status_code == 200


async def test_front_ends_that_the_settings_name_use_passkeys_too_and_no_others(
    sso_settings: Callable[..., Settings], settings: Settings, account: Any, passkeys: Any
) -> None:
    authenticator = await passkeys.added(account)
    front_end = "https://app.resumax.test"
    changed = sso_settings(database_url=settings.database_url, cors_origins=[front_end])
    async with served(sso.app.create_app(changed)) as client:
        for origin, status in ((front_end, 200), ("https://api.resumax.test", 401)):
            options = (await client.post("/auth/passkeys/login/options")).json()
            credential = authenticator.get(options, client_data={"origin": origin})
            answer = await client.post("/auth/passkeys/login", json={"credential": credential})
            assert answer.status_code == status


async def test_a_signature_of_another_key_is_refused(passkeys: Any, account: Any, new_key: Any) -> None:
    authenticator = await passkeys.added(account)
    assert refused(await passkeys.login(authenticator, key=new_key()))


async def test_what_was_signed_cannot_be_changed(passkeys: Any, account: Any) -> None:
    authenticator = await passkeys.added(account)
    for part in ("authenticatorData", "clientDataJSON", "signature"):
        signed = authenticator.get(await passkeys.options())
        other = authenticator.get(await passkeys.options())
        signed["response"][part] = other["response"][part]
        assert refused(await passkeys.send(signed))


async def test_an_answer_signs_in_once(passkeys: Any, account: Any) -> None:  # SECURITY 8
    authenticator = await passkeys.added(account)
    credential = authenticator.get(await passkeys.options())
    assert (await passkeys.send(credential)).status_code == 200
    assert refused(await passkeys.send(credential))


async def test_of_many_answers_to_one_challenge_at_once_one_signs_in(  # SECURITY 8
    passkeys: Any, account: Any, database: Database
) -> None:
    authenticator = await passkeys.added(account)
    options = await passkeys.options()
    async with database.read() as db:
        before = await db.scalar(select(func.count()).where(Session.user_id == UUID(account.id)))
    answers = await asyncio.gather(*(passkeys.send(authenticator.get(options)) for _ in range(25)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 24
    async with database.read() as db:
        after = await db.scalar(select(func.count()).where(Session.user_id == UUID(account.id)))
    assert (before, after) == (1, 2)


async def test_a_challenge_is_used_up_by_a_wrong_answer_too(passkeys: Any, account: Any) -> None:
    authenticator = await passkeys.added(account)
    options = await passkeys.options()
    assert refused(await passkeys.send(authenticator.get(options, flags=UP)))
    assert refused(await passkeys.send(authenticator.get(options)))


async def test_a_challenge_is_good_for_five_minutes(  # SECURITY 8
    passkeys: Any, account: Any, database: Database
) -> None:
    authenticator = await passkeys.added(account)
    options = await passkeys.options()
    assert options["timeout"] == 300_000
    async with database.write() as db:
        newest = await db.scalar(select(PasskeyChallenge).order_by(PasskeyChallenge.id.desc()).limit(1))
        assert newest is not None
        assert newest.expires_at - newest.created_at == timedelta(minutes=5)
        newest.expires_at = now()
    assert refused(await passkeys.send(authenticator.get(options)))


async def test_challenges_have_256_bits_and_are_stored_as_hashes(  # SECURITY 8
    passkeys: Any, database: Database
) -> None:
    challenges = [(await passkeys.options())["challenge"] for _ in range(3)]
    assert len(set(challenges)) == 3
    assert all(len(challenge) == 43 for challenge in challenges)
    async with database.read() as db:
        rows = list(await db.scalars(select(PasskeyChallenge)))
    kept = " ".join(str(vars(row)) for row in rows)
    assert not [challenge for challenge in challenges if challenge in kept]


async def test_a_challenge_for_something_else_does_not_sign_in(  # SECURITY 8
    client: httpx.AsyncClient, passkeys: Any, account: Any
) -> None:
    to_register = await passkeys.creation_options(account)
    authenticator = await passkeys.added(account)
    assert refused(await passkeys.send(authenticator.get(to_register)))
    stepping_up = await client.post("/auth/passkeys/step-up/options", headers=account.headers)
    assert refused(await passkeys.send(authenticator.get(stepping_up.json())))
    login = {"email": account.email, "password": account.password}
    token = (await client.post("/auth/login", json=login)).json()["challengeToken"]
    second_factor = await passkeys.options(challengeToken=token)
    assert refused(await passkeys.send(authenticator.get(second_factor)))


async def test_a_passkey_nobody_added_is_refused(passkeys: Any, account: Any, new_authenticator: Any) -> None:
    unknown = new_authenticator()
    unknown.user_handle = UUID(account.id).bytes
    assert refused(await passkeys.login(unknown))


async def test_a_removed_passkey_is_refused(client: httpx.AsyncClient, passkeys: Any, account: Any) -> None:
    authenticator = await passkeys.added(account)
    [passkey] = await passkeys.listed(account)
    headers = (await passkeys.strong(account, authenticator)).headers
    assert (await client.delete(f"/auth/passkeys/{passkey['id']}", headers=headers)).status_code == 204
    assert refused(await passkeys.login(authenticator))


async def test_the_passkey_of_somebody_else_signs_nobody_else_in(
    passkeys: Any, account: Any, register: Any
) -> None:
    theirs, mine = await passkeys.added(await register()), await passkeys.added(account)
    assert refused(await passkeys.login(theirs, user_handle=mine.user_handle))
    assert refused(await passkeys.login(theirs, credential_id=mine.id))
    assert refused(await passkeys.login(theirs, credential_id=mine.id, user_handle=mine.user_handle))


async def test_a_suspended_account_is_refused_like_an_unknown_passkey(  # SECURITY 5
    passkeys: Any, account: Any, database: Database, new_authenticator: Any
) -> None:
    authenticator = await passkeys.added(account)
    async with database.write() as db:
        (await db.get_one(User, UUID(account.id))).status = SUSPENDED
    suspended, unknown = await passkeys.login(authenticator), await passkeys.login(new_authenticator())
    assert refused(suspended)
    assert refused(unknown)
    varying = {"x-request-id", "date"}
    assert {k: v for k, v in suspended.headers.items() if k not in varying} == {
        k: v for k, v in unknown.headers.items() if k not in varying
    }


async def test_a_locked_account_can_be_entered_with_a_passkey(  # SECURITY 6
    client: httpx.AsyncClient, passkeys: Any, account: Any
) -> None:
    authenticator = await passkeys.added(account)
    login = {"email": account.email, "password": "not the right one"}
    headers = {"X-Forwarded-For": "203.0.113.60"}
    for _ in range(6):
        await client.post("/auth/login", json=login, headers=headers)
    right = login | {"password": account.password}
    assert (await client.post("/auth/login", json=right)).status_code == 401
    assert (await passkeys.login(authenticator)).status_code == 200


async def test_options_say_the_same_whoever_asks(
    client: httpx.AsyncClient, account: Any
) -> None:  # SECURITY 5
    path = "/auth/passkeys/login/options"
    answers = [
        await client.post(path),
        await client.post(path, json={}),
        await client.post(path, json={}, headers=account.headers),
    ]
    said = [{k: v for k, v in answer.json().items() if k != "challenge"} for answer in answers]
    assert said[0] == said[1] == said[2]
    by_name = await client.post(path, json={"email": account.email})
    assert by_name.status_code == 400


async def test_attempts_are_limited_by_address(sso_settings: Callable[..., Settings]) -> None:
    limits = {
        "POST /auth/passkeys/login": {"count": 2, "window": 3600},
        "POST /auth/passkeys/login/options": {"count": 2, "window": 3600},
    }
    async with served(sso.app.create_app(sso_settings(rate_limits=limits))) as client:
        options = [await client.post("/auth/passkeys/login/options") for _ in range(3)]
        assert [answer.status_code for answer in options] == [200, 200, 429]
        logins = [await client.post("/auth/passkeys/login", json={}) for _ in range(3)]
        assert [answer.status_code for answer in logins] == [400, 400, 429]


def spoiled(credential: dict[str, Any], seed: int) -> dict[str, Any]:
    """`credential` with one part replaced by something that nobody expects."""
    chance = random.Random(seed)
    part = chance.choice(["id", "rawId", "authenticatorData", "clientDataJSON", "signature", "userHandle"])
    nothing: list[Any] = [None, 0, [], {}, "", "!", "A", "=", "\x00", "ü", "A" * 40_000, "AAAA" * 500]
    nested = "W" * 8000  # base64url of nothing but `[`-like bytes
    garbage = "".join(chance.choices("ABCDabcd0123-_", k=chance.randrange(1, 400)))
    spoilt = {part: chance.choice([*nothing, nested, garbage])}
    if part in credential:
        return credential | spoilt
    return credential | {"response": credential["response"] | spoilt}


async def test_what_is_no_assertion_is_refused_without_a_crash(passkeys: Any, account: Any) -> None:
    authenticator = await passkeys.added(account)
    for seed in range(80):
        credential = spoiled(authenticator.get(await passkeys.options()), seed)
        answer = await passkeys.send(credential)
        assert answer.status_code in {400, 401, 413}, (seed, answer.text)
    mistyped = authenticator.get(await passkeys.options()) | {"type": "password"}
    nothing: list[Any] = [None, 1, "x", [], {}, {"id": "x"}, mistyped]
    for credential in nothing:
        assert (await passkeys.send(credential)).status_code == 400
    no_base64 = authenticator.get(await passkeys.options()) | {"id": "A", "rawId": "A"}
    assert refused(await passkeys.send(no_base64))


async def test_a_huge_body_is_refused(client: httpx.AsyncClient) -> None:
    # With a connection of its own, which the server closes rather than read all of it.
    async with httpx.AsyncClient(base_url=client.base_url, trust_env=False) as once:
        answer = await once.post("/auth/passkeys/login", content=b'{"credential":"' + b"x" * 70_000)
    assert answer.status_code == 413
