"""Recovery codes: ten, hashed, good once each (SECURITY 8)."""

import asyncio
import re
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from common.db import Database
from sso.recovery_codes import codes
from sso.recovery_codes.models import RecoveryCode

CODES = "/auth/mfa/recovery-codes"


async def enter(client: httpx.AsyncClient, protected: Any, code: str) -> httpx.Response:
    login = {"email": protected.account.email, "password": protected.account.password}
    challenge = (await client.post("/auth/login", json=login)).json()["challengeToken"]
    body = {"challengeToken": challenge, "method": "recovery_code", "code": code}
    return await client.post("/auth/login/mfa", json=body, headers=protected.origin)


# SECURITY 8
async def test_there_are_ten_recovery_codes_of_80_bits_and_only_hashes_of_them_are_kept(
    protected: Any, database: Database
) -> None:
    given = protected.recovery_codes
    assert len(set(given)) == 10
    assert all(re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}", code) for code in given)
    async with database.read() as db:
        user_id = UUID(protected.account.id)
        kept = list(await db.scalars(select(RecoveryCode).where(RecoveryCode.user_id == user_id)))
    assert len(kept) == 10
    assert {len(row.hashed) for row in kept} == {32}
    stored = b"".join(row.hashed for row in kept)
    assert not any(codes.normal(code).encode() in stored for code in given)


# SECURITY 8
async def test_a_recovery_code_works_once(client: httpx.AsyncClient, protected: Any) -> None:
    code = protected.recovery_codes[0]
    entered = await enter(client, protected, code)
    assert entered.status_code == 200, entered.text
    again = await enter(client, protected, code)
    assert (again.status_code, again.json()["code"]) == (401, "INVALID_CODE")
    assert (await client.get(CODES, headers=protected.headers)).json() == {"left": 9}


# SECURITY 8
async def test_of_many_who_use_a_recovery_code_at_once_one_gets_in(
    client: httpx.AsyncClient, protected: Any
) -> None:
    login = {"email": protected.account.email, "password": protected.account.password}
    tokens = [(await client.post("/auth/login", json=login)).json()["challengeToken"] for _ in range(4)]
    bodies = [
        {"challengeToken": token, "method": "recovery_code", "code": protected.recovery_codes[0]}
        for token in tokens
    ]
    answers = await asyncio.gather(
        *(client.post("/auth/login/mfa", json=body, headers=protected.origin) for body in bodies)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_how_a_recovery_code_is_typed_does_not_matter(
    client: httpx.AsyncClient, protected: Any
) -> None:
    first, second, third, *_ = protected.recovery_codes
    typed = [
        first.upper().replace("-", " "),
        f"  {second.replace('-', '')}  ",
        third.replace("1", "I").replace("0", "O").replace("-", " \N{EN DASH} "),
    ]
    for code in typed:
        assert (await enter(client, protected, code)).status_code == 200


async def test_another_accounts_recovery_code_is_wrong(client: httpx.AsyncClient, protect: Any) -> None:
    one, other = await protect(), await protect()
    answer = await enter(client, one, other.recovery_codes[0])
    assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_CODE")


async def test_new_recovery_codes_void_the_old_ones_and_the_owner_is_told(
    client: httpx.AsyncClient, protected: Any, signed_in_with_mfa: Any, mails: Any
) -> None:
    answer = await client.post(CODES, headers=await signed_in_with_mfa(protected))
    assert answer.status_code == 201, answer.text
    made = answer.json()["recoveryCodes"]
    assert len(set(made) - set(protected.recovery_codes)) == 10
    assert (await enter(client, protected, protected.recovery_codes[0])).status_code == 401
    assert (await enter(client, protected, made[0])).status_code == 200
    await mails.wait_for(protected.account.email, "factor-added", count=2)
    factors = [mail.data["factor"] for mail in mails.to(protected.account.email, "factor-added")]
    assert factors == ["totp", "recovery-codes"]


async def test_without_a_second_factor_there_are_no_recovery_codes(
    client: httpx.AsyncClient, account: Any
) -> None:
    answer = await client.post(CODES, headers=account.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "NO_SECOND_FACTOR")
    assert (await client.get(CODES, headers=account.headers)).json() == {"left": 0}


@pytest.mark.parametrize("seed", range(20))
def test_a_code_is_its_own_normal_form_but_for_the_dashes(seed: int) -> None:
    code = codes.new()
    assert codes.normal(code) == code.replace("-", ""), seed
