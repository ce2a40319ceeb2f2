"""Authenticator apps as second factor (SECURITY 8, 27)."""

import asyncio
import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import httpx
import pyotp
import pytest

from common.db import Database
from common.ids import now
from sso.totp.models import TotpSecret, TotpSetup

TOTP = "/auth/mfa/totp"


async def set_up(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    answer = await client.post(TOTP, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def confirm(client: httpx.AsyncClient, headers: dict[str, str], code: str) -> httpx.Response:
    return await client.post(f"{TOTP}/confirm", json={"code": code}, headers=headers)


async def overview(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/auth/mfa", headers=headers)).json()
    return found


async def test_an_app_is_given_160_bits_as_text_as_an_address_and_as_a_qr_code(
    client: httpx.AsyncClient, register: Any
) -> None:
    account = await register(email="ada+totp@example.org")
    setup = await set_up(client, account.headers)
    assert len(pyotp.TOTP(setup["secret"]).byte_secret()) * 8 >= 160
    uri = urlsplit(setup["uri"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/resuMAX:ada+totp@example.org"
    assert parse_qs(uri.query) == {"secret": [setup["secret"]], "issuer": ["resuMAX"]}
    assert setup["expiresIn"] == 1800
    other = await set_up(client, account.headers)
    assert other["secret"] != setup["secret"]


async def test_the_qr_code_may_stand_in_a_page_and_has_its_quiet_zone(
    client: httpx.AsyncClient, account: Any
) -> None:
    svg = ET.fromstring((await set_up(client, account.headers))["qrSvg"])
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert {element.tag.rpartition("}")[2] for element in svg.iter()} == {"svg", "path"}
    assert not any("style" in element.attrib for element in svg.iter()), "the page's policy allows none"
    background, modules = svg
    assert background.attrib["fill"] == "#fff"
    assert modules.attrib["d"].startswith("M4 4.5h7"), "four modules of white, then a finder pattern"


async def test_an_app_counts_once_a_code_confirmed_it_and_brings_recovery_codes(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    setup = await set_up(client, account.headers)
    assert await overview(client, account.headers) == {
        "totp": False,
        "passkeys": 0,
        "recoveryCodesLeft": 0,
        "methods": [],
    }
    answer = await confirm(client, account.headers, pyotp.TOTP(setup["secret"]).now())
    assert answer.status_code == 200, answer.text
    assert len(set(answer.json()["recoveryCodes"])) == 10
    assert await overview(client, account.headers) == {
        "totp": True,
        "passkeys": 0,
        "recoveryCodesLeft": 10,
        "methods": ["totp", "recovery_code"],
    }
    mail = await mails.wait_for(account.email, "factor-added")
    assert mail.data == {
        "name": "Ada Lovelace",
        "factor": "totp",
        "link": "https://resumax.test/auth/ui/security",
    }


async def test_a_code_is_read_as_people_type_it(client: httpx.AsyncClient, register: Any) -> None:
    for typed in (
        lambda code: f" {code[:3]} {code[3:]}\t",
        lambda code: f"{code[:3]}-{code[3:]}",
        lambda code: code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    ):
        account = await register()
        setup = await set_up(client, account.headers)
        code = pyotp.TOTP(setup["secret"]).now()
        assert (await confirm(client, account.headers, typed(code))).status_code == 200


@pytest.mark.parametrize("code", ["000000", "abc", "1234567", "-1", "½", "\x00", "七"])
async def test_a_wrong_code_confirms_nothing(client: httpx.AsyncClient, account: Any, code: str) -> None:
    await set_up(client, account.headers)
    answer = await confirm(client, account.headers, code)
    assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_CODE")
    assert (await overview(client, account.headers))["totp"] is False


# SECURITY 8
async def test_a_setup_has_five_attempts_at_its_confirmation_under_concurrency_too(
    client: httpx.AsyncClient, account: Any
) -> None:
    setup = await set_up(client, account.headers)
    answers = await asyncio.gather(*(confirm(client, account.headers, "000000") for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [409] * 7
    late = await confirm(client, account.headers, pyotp.TOTP(setup["secret"]).now())
    assert (late.status_code, late.json()["code"]) == (409, "TOTP_SETUP_EXPIRED")


async def test_a_setup_expires(client: httpx.AsyncClient, account: Any, database: Database) -> None:
    setup = await set_up(client, account.headers)
    async with database.write() as db:
        row = await db.get_one(TotpSetup, UUID(account.id))
        assert now() + timedelta(minutes=29) < row.expires_at < now() + timedelta(minutes=31)
        row.expires_at = now()
    late = await confirm(client, account.headers, pyotp.TOTP(setup["secret"]).now())
    assert (late.status_code, late.json()["code"]) == (409, "TOTP_SETUP_EXPIRED")


async def test_a_setup_is_confirmed_once(client: httpx.AsyncClient, account: Any) -> None:
    setup = await set_up(client, account.headers)
    code = pyotp.TOTP(setup["secret"]).now()
    answers = await asyncio.gather(*(confirm(client, account.headers, code) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_a_new_app_replaces_the_one_in_use_only_once_it_is_confirmed(
    client: httpx.AsyncClient, protected: Any, signed_in_with_mfa: Any, database: Database
) -> None:
    headers = await signed_in_with_mfa(protected)
    user_id = UUID(protected.account.id)
    async with database.read() as db:
        before = (await db.get_one(TotpSecret, user_id)).sealed_secret
    setup = await set_up(client, headers)
    async with database.read() as db:
        assert (await db.get_one(TotpSecret, user_id)).sealed_secret == before
    answer = await confirm(client, headers, pyotp.TOTP(setup["secret"]).now())
    assert answer.json() == {"recoveryCodes": []}, "there are some already"
    async with database.read() as db:
        assert (await db.get_one(TotpSecret, user_id)).sealed_secret != before
    login = {"email": protected.account.email, "password": protected.account.password}
    challenge = (await client.post("/auth/login", json=login)).json()["challengeToken"]
    body = {"challengeToken": challenge, "method": "totp", "code": await protected.code()}
    assert (await client.post("/auth/login/mfa", json=body, headers=protected.origin)).status_code == 401


async def test_secrets_of_apps_are_encrypted_at_rest_each_for_its_account(
    client: httpx.AsyncClient, protect: Any, database: Database
) -> None:
    one, other = await protect(), await protect()
    async with database.write() as db:
        row = await db.get_one(TotpSecret, UUID(one.account.id))
        assert one.secret.encode() not in row.sealed_secret
        assert pyotp.TOTP(one.secret).byte_secret() not in row.sealed_secret
        others = await db.get_one(TotpSecret, UUID(other.account.id))
        row.sealed_secret = others.sealed_secret
    login = {"email": one.account.email, "password": one.account.password}
    challenge = (await client.post("/auth/login", json=login)).json()["challengeToken"]
    body = {"challengeToken": challenge, "method": "totp", "code": await other.code()}
    answer = await client.post("/auth/login/mfa", json=body, headers=one.origin)
    assert answer.status_code == 500, "another account's secret does not open"


async def test_removing_the_last_factor_takes_the_recovery_codes_along(
    client: httpx.AsyncClient, protected: Any, signed_in_with_mfa: Any, mails: Any
) -> None:
    headers = await signed_in_with_mfa(protected)
    assert (await client.delete(TOTP, headers=headers)).status_code == 204
    assert await overview(client, headers) == {
        "totp": False,
        "passkeys": 0,
        "recoveryCodesLeft": 0,
        "methods": [],
    }
    mail = await mails.wait_for(protected.account.email, "factor-removed")
    assert mail.data["factor"] == "totp"
    login = {"email": protected.account.email, "password": protected.account.password}
    assert "accessToken" in (await client.post("/auth/login", json=login)).json()
    again = await client.delete(TOTP, headers=headers)
    assert (again.status_code, again.json()["code"]) == (404, "TOTP_NOT_SET_UP")
