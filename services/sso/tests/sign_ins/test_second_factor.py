"""Signing in to an account that has a second factor (SECURITY 6, 8, 9, 27)."""

import asyncio
import hashlib
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from verifying import verify

from common.auth import MULTI_FACTOR
from common.db import Database
from common.ids import now
from sso import one_time
from sso.challenges.models import LoginChallenge
from sso.lockouts.models import AccountLockout
from sso.security_events.models import SecurityEvent
from sso.totp.models import TotpSecret
from sso.users.models import ACTIVE, SUSPENDED, User

WRONG = "000000"


async def challenged(client: httpx.AsyncClient, protected: Any) -> str:
    """The challenge of a sign-in whose password was right."""
    login = {"email": protected.account.email, "password": protected.account.password}
    answer = await client.post("/auth/login", json=login, headers=protected.origin)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"mfaRequired", "challengeToken", "methods"}
    return str(answer.json()["challengeToken"])


async def answer_with(
    client: httpx.AsyncClient, protected: Any, token: str, code: str, method: str = "totp", **more: Any
) -> httpx.Response:
    body = {"challengeToken": token, "method": method, "code": code, **more}
    return await client.post("/auth/login/mfa", json=body, headers=protected.origin)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def lockout(database: Database, protected: Any, **changes: Any) -> AccountLockout:
    """The count of wrong codes of somebody, changed."""
    key = hashlib.sha256(f"second-factor:{protected.account.id}".encode()).digest()
    async with database.write() as db:
        found = await db.get_one(AccountLockout, key)
        for name, value in changes.items():
            setattr(found, name, value)
    return found


async def failures(database: Database, protected: Any) -> int:
    async with database.read() as db:
        wanted = select(SecurityEvent).where(
            SecurityEvent.user_id == UUID(protected.account.id), SecurityEvent.kind == "mfa.failed"
        )
        return len(list(await db.scalars(wanted)))


async def test_a_right_code_completes_the_sign_in_with_two_factors(
    client: httpx.AsyncClient, protected: Any, claims_of: Any
) -> None:
    login = {"email": protected.account.email, "password": protected.account.password}
    asked = (await client.post("/auth/login", json=login)).json()
    assert (asked["mfaRequired"], asked["methods"]) == (True, ["totp", "recovery_code"])
    refused = await client.get("/auth/me", headers={"Authorization": f"Bearer {asked['challengeToken']}"})
    assert refused.status_code == 401
    answer = await answer_with(client, protected, asked["challengeToken"], await protected.code())
    assert answer.status_code == 200, answer.text
    found = claims_of(answer.json()["accessToken"])
    assert (found["acr"], found["amr"]) == (MULTI_FACTOR, ["pwd", "otp", "mfa"])
    refreshed = await client.post("/auth/refresh", json={"refreshToken": answer.json()["refreshToken"]})
    assert claims_of(refreshed.json()["accessToken"])["acr"] == MULTI_FACTOR


# SECURITY 8
@pytest.mark.parametrize(("step", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
async def test_a_code_is_accepted_one_step_either_side_and_no_further(
    client: httpx.AsyncClient, protected: Any, step: int, status: int
) -> None:
    token = await challenged(client, protected)
    answer = await answer_with(client, protected, token, await protected.code(step))
    assert answer.status_code == status


# SECURITY 8
async def test_the_same_step_is_never_accepted_twice_and_none_before_it(
    client: httpx.AsyncClient, protected: Any
) -> None:
    earlier, code = await protected.code(-1), await protected.code()
    first = await answer_with(client, protected, await challenged(client, protected), code)
    assert first.status_code == 200
    for used in (code, earlier):
        again = await answer_with(client, protected, await challenged(client, protected), used)
        assert refusal(again) == (401, "INVALID_CODE")


# SECURITY 8
async def test_of_many_who_use_one_code_at_once_one_gets_in(
    client: httpx.AsyncClient, protected: Any
) -> None:
    tokens = [await challenged(client, protected) for _ in range(5)]
    code = await protected.code()
    answers = await asyncio.gather(*(answer_with(client, protected, token, code) for token in tokens))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 4


# SECURITY 8
async def test_a_challenge_has_five_attempts_however_many_are_made_at_once(
    client: httpx.AsyncClient, protected: Any
) -> None:
    token = await challenged(client, protected)
    answers = await asyncio.gather(*(answer_with(client, protected, token, WRONG) for _ in range(12)))
    codes = sorted(answer.json()["code"] for answer in answers)
    assert {answer.status_code for answer in answers} == {401}
    assert codes == ["CHALLENGE_EXPIRED"] * 7 + ["INVALID_CODE"] * 5
    late = await answer_with(client, protected, token, await protected.code())
    assert refusal(late) == (401, "CHALLENGE_EXPIRED")


# SECURITY 8
async def test_a_challenge_is_answered_once_though_two_right_answers_come_at_once(
    client: httpx.AsyncClient, protected: Any
) -> None:
    token = await challenged(client, protected)
    codes = [await protected.code(), protected.recovery_codes[0], protected.recovery_codes[1]]
    methods = ["totp", "recovery_code", "recovery_code"]
    answers = await asyncio.gather(
        *(
            answer_with(client, protected, token, code, method)
            for code, method in zip(codes, methods, strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]
    expired = [answer.json()["code"] for answer in answers if answer.status_code == 401]
    assert expired == ["CHALLENGE_EXPIRED"] * 2


# SECURITY 8
async def test_a_challenge_is_good_for_ten_minutes_and_stored_hashed(
    client: httpx.AsyncClient, protected: Any, database: Database
) -> None:
    token = await challenged(client, protected)
    assert len(token) >= 43, "256 bits in base64url"
    async with database.write() as db:
        challenge = await one_time.find(db, LoginChallenge, token)
        assert challenge is not None
        assert challenge.expires_at - challenge.created_at == timedelta(minutes=10)
        challenge.expires_at = now()
    late = await answer_with(client, protected, token, await protected.code())
    assert refusal(late) == (401, "CHALLENGE_EXPIRED")
    for unknown in ("x", token[:-1], token.swapcase()):
        assert refusal(await answer_with(client, protected, unknown, WRONG)) == (401, "CHALLENGE_EXPIRED")


# SECURITY 6, 8
async def test_who_knows_the_password_gets_no_new_attempts_by_signing_in_again(
    client: httpx.AsyncClient, protected: Any, database: Database
) -> None:
    for _ in range(5):
        wrong = await answer_with(client, protected, await challenged(client, protected), WRONG)
        assert refusal(wrong) == (401, "INVALID_CODE")
    right = await protected.code()
    locked = await answer_with(client, protected, await challenged(client, protected), right)
    assert refusal(locked) == (429, "TOO_MANY_ATTEMPTS")
    assert 20 <= int(locked.headers["retry-after"]) <= 30
    await lockout(database, protected, locked_until=now())
    worse = await answer_with(client, protected, await challenged(client, protected), WRONG)
    assert refusal(worse) == (401, "INVALID_CODE")
    locked = await answer_with(client, protected, await challenged(client, protected), right)
    assert 50 <= int(locked.headers["retry-after"]) <= 60, "twice as long with each failure"
    assert await failures(database, protected) == 8, "those that were turned away are on the trail, too"
    await lockout(database, protected, locked_until=now())
    entered = await answer_with(client, protected, await challenged(client, protected), right)
    assert entered.status_code == 200, "and a code that was right while it was locked was not used up"
    assert (await lockout(database, protected)).failures == 0


# SECURITY 6, 8
async def test_wrong_codes_at_once_over_many_sign_ins_are_no_more_than_the_limit(
    client: httpx.AsyncClient, protected: Any
) -> None:
    tokens = [await challenged(client, protected) for _ in range(15)]
    answers = await asyncio.gather(*(answer_with(client, protected, token, WRONG) for token in tokens))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 10


async def test_the_owner_is_told_once_that_somebody_got_as_far_as_the_second_factor(
    client: httpx.AsyncClient, protected: Any, database: Database, mails: Any
) -> None:
    email = protected.account.email
    for failures in range(1, 8):
        wrong = await answer_with(client, protected, await challenged(client, protected), WRONG)
        assert refusal(wrong) == (401, "INVALID_CODE")
        if failures == 4:
            assert mails.to(email, "second-factor-failed") == []
        await lockout(database, protected, locked_until=None)
    mail = await mails.wait_for(email, "second-factor-failed")
    assert mail.data == {"name": "Ada Lovelace", "link": "https://resumax.test/auth/ui/reset"}
    await client.post("/auth/verify/resend", json={"email": email})
    await mails.wait_for(email, "verify-email", count=2)
    assert len(mails.to(email, "second-factor-failed")) == 1


async def test_a_challenge_is_bound_to_its_account(client: httpx.AsyncClient, protect: Any) -> None:
    one, other = await protect(), await protect()
    token = await challenged(client, one)
    for code, method in ((await other.code(), "totp"), (other.recovery_codes[0], "recovery_code")):
        assert refusal(await answer_with(client, one, token, code, method)) == (401, "INVALID_CODE")


async def test_an_account_that_was_suspended_in_between_does_not_get_in(
    client: httpx.AsyncClient, protected: Any, database: Database
) -> None:
    token = await challenged(client, protected)
    for status, expected in ((SUSPENDED, 401), (ACTIVE, 200)):
        async with database.write() as db:
            (await db.get_one(User, UUID(protected.account.id))).status = status
        answer = await answer_with(client, protected, token, await protected.code())
        assert answer.status_code == expected
        assert expected == 200 or answer.json()["code"] == "CHALLENGE_EXPIRED"


@pytest.mark.parametrize("method", ["email", "magic_link", "password", "sms", "TOTP", ""])
# SECURITY 9
async def test_neither_email_nor_a_password_is_a_second_factor(
    client: httpx.AsyncClient, protected: Any, method: str
) -> None:
    token = await challenged(client, protected)
    answer = await answer_with(client, protected, token, protected.account.password, method)
    assert refusal(answer) == (400, "VALIDATION_FAILED")


@pytest.mark.parametrize("body", [{"method": "totp"}, {"method": "passkey", "code": "1"}])
async def test_a_method_without_what_belongs_to_it_is_refused(
    client: httpx.AsyncClient, protected: Any, body: dict[str, str]
) -> None:
    token = await challenged(client, protected)
    answer = await client.post("/auth/login/mfa", json={"challengeToken": token} | body)
    assert refusal(answer) == (400, "VALIDATION_FAILED")
    assert answer.json()["errors"][0]["path"] in {"$.code", "$.credential"}


async def test_a_factor_that_is_not_set_up_is_no_way_in(
    client: httpx.AsyncClient, protected: Any, database: Database
) -> None:
    token = await challenged(client, protected)
    credential = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}
    body = {"challengeToken": token, "method": "passkey", "credential": credential}
    passkey = await client.post("/auth/login/mfa", json=body, headers=protected.origin)
    assert refusal(passkey) == (401, "INVALID_CODE")
    async with database.write() as db:
        await db.delete(await db.get_one(TotpSecret, UUID(protected.account.id)))
    gone = await answer_with(client, protected, token, await protected.code())
    assert refusal(gone) == (401, "INVALID_CODE")
    page = await client.get("/auth/ui/mfa", headers={"Cookie": f"__Host-resumax_challenge={token}"})
    assert page.status_code == 400, "sign in again"


# SECURITY 9
async def test_a_password_reset_does_not_bypass_the_second_factor(
    client: httpx.AsyncClient, protected: Any, mails: Any
) -> None:
    await verify(client, mails, protected.account)
    email, password = protected.account.email, "another correct horse"
    await client.post("/auth/password-reset/request", json={"email": email}, headers=protected.origin)
    link = (await mails.wait_for(email, "password-reset")).data["link"]
    token = link.partition("token=")[2]
    reset = await client.post(
        "/auth/password-reset/confirm", json={"token": token, "password": password}, headers=protected.origin
    )
    assert (reset.status_code, reset.content) == (204, b""), "nobody is signed in by it"
    answer = await client.post("/auth/login", json={"email": email, "password": password})
    assert answer.json()["methods"] == ["totp", "recovery_code"]
    assert "accessToken" not in answer.json()


# SECURITY 9
async def test_a_mailed_link_does_not_bypass_the_second_factor(
    client: httpx.AsyncClient, protected: Any, mails: Any, claims_of: Any
) -> None:
    await verify(client, mails, protected.account)
    email = protected.account.email
    await client.post("/auth/magic-link", json={"email": email}, headers=protected.origin)
    link = (await mails.wait_for(email, "magic-link")).data["link"]
    body = {"token": link.partition("token=")[2]}
    answer = await client.post("/auth/magic-link/confirm", json=body, headers=protected.origin)
    assert answer.status_code == 200
    assert answer.json().keys() == {"mfaRequired", "challengeToken", "methods"}
    entered = await answer_with(client, protected, answer.json()["challengeToken"], await protected.code())
    assert claims_of(entered.json()["accessToken"])["amr"] == ["email", "otp", "mfa"]


async def test_a_changed_password_voids_the_sign_ins_that_wait(
    client: httpx.AsyncClient, protected: Any, signed_in_with_mfa: Any
) -> None:
    headers = await signed_in_with_mfa(protected)
    token = await challenged(client, protected)
    change = {"currentPassword": protected.account.password, "newPassword": "another correct horse"}
    assert (await client.post("/auth/password/change", json=change, headers=headers)).status_code == 204
    late = await answer_with(client, protected, token, await protected.code())
    assert refusal(late) == (401, "CHALLENGE_EXPIRED")


async def test_with_a_cookie_the_refresh_token_is_out_of_reach_of_scripts_and_others_pages_sign_nobody_in(
    client: httpx.AsyncClient, protected: Any
) -> None:
    token, code = await challenged(client, protected), await protected.code()
    body = {"challengeToken": token, "method": "totp", "code": code, "useCookie": True}
    foreign = await client.post("/auth/login/mfa", json=body, headers={"Origin": "https://evil.test"})
    assert refusal(foreign) == (403, "ORIGIN_REFUSED")
    answer = await client.post("/auth/login/mfa", json=body, headers={"Origin": "https://resumax.test"})
    client.cookies.clear()
    assert answer.status_code == 200, answer.text
    assert "refreshToken" not in answer.json()
    assert answer.headers["set-cookie"].startswith("__Host-resumax_refresh=")


# SECURITY 27
async def test_what_happens_to_second_factors_is_on_the_trail_and_counted(
    client: httpx.AsyncClient, protected: Any, signed_in_with_mfa: Any, database: Database
) -> None:
    before = await counted(client)
    await answer_with(client, protected, await challenged(client, protected), WRONG)
    code = protected.recovery_codes[0]
    await answer_with(client, protected, await challenged(client, protected), code, "recovery_code")
    headers = await signed_in_with_mfa(protected)
    assert (await client.post("/auth/mfa/recovery-codes", headers=headers)).status_code == 201
    assert (await client.delete("/auth/mfa/totp", headers=headers)).status_code == 204
    async with database.read() as db:
        user_id = UUID(protected.account.id)
        found = select(SecurityEvent).where(SecurityEvent.user_id == user_id).order_by(SecurityEvent.id)
        events = list(await db.scalars(found))
    assert [event.kind for event in events] == [
        "user.registered",
        "mfa.enabled",
        "login.challenged",
        "mfa.failed",
        "login.challenged",
        "mfa.recovery_code_used",
        "login.succeeded",
        "login.challenged",
        "login.succeeded",
        "mfa.recovery_codes_renewed",
        "mfa.disabled",
    ]
    details = [event.details for event in events if event.kind.startswith("mfa.")]
    assert details == [
        {"factor": "totp"},
        {"method": "totp"},
        {"method": "recovery_code"},
        {},
        {"factor": "totp"},
    ]
    assert events[3].ip == protected.origin["X-Forwarded-For"]
    after = await counted(client)
    risen = {name for name in after if after[name] > before.get(name, 0)}
    assert risen >= {
        ("second_factor", "wrong"),
        ("second_factor", "right"),
        ("second_factor", "disabled"),
        ("login_mfa", "refused"),
        ("login_mfa", "succeeded"),
        ("recovery_codes", "renewed"),
    }


async def counted(client: httpx.AsyncClient) -> dict[tuple[str, str], float]:
    metrics = (await client.get("/metrics")).text
    lines = re.findall(r'^sso_outcomes_total\{flow="(\w+)",outcome="(\w+)"\} (\S+)$', metrics, re.MULTILINE)
    return {(flow, outcome): float(number) for flow, outcome, number in lines}
