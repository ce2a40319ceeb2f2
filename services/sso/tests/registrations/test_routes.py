import asyncio
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from common.ids import new_id
from common.testing.fixtures import eventually


def body(**fields: Any) -> dict[str, Any]:
    return {
        "email": f"{new_id().hex}@example.org",
        "password": "correct horse battery",
        "name": "Ada",
    } | fields


async def test_registering_signs_in_with_an_access_token_that_says_who_and_for_whom(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/auth/register", json=body(name="Ada 🎉", locale="de-AT"))
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert made["user"]["name"] == "Ada 🎉"
    assert made["user"]["locale"] == "de-AT"
    assert made["user"]["emailVerified"] is False
    assert "password" not in answer.text.lower()
    assert (made["tokenType"], made["expiresIn"]) == ("Bearer", 600)
    assert len(made["refreshToken"]) >= 43
    keys = KeySet.import_key_set((await client.get("/.well-known/jwks.json")).json())
    token = jwt.decode(made["accessToken"], keys, algorithms=["RS256"])
    assert token.header["typ"] == "at+jwt"
    claims = token.claims
    assert claims["iss"] == "https://resumax.test"
    assert claims["sub"] == made["user"]["id"]
    assert claims["aud"] == ["sso", "api", "account", "processor"]
    assert claims["exp"] - claims["iat"] == 600
    assert (claims["client_id"], claims["roles"]) == ("resumax", [])
    assert claims["jti"]
    assert claims["sid"]


async def test_registering_puts_one_profile_and_mails_one_link_of_the_configured_address(
    client: httpx.AsyncClient, mails: Any, account_service: Any
) -> None:
    wanted = body(locale="fr")
    answer = await client.post("/auth/register", json=wanted, headers={"X-Forwarded-Host": "evil.test"})
    user_id = answer.json()["user"]["id"]
    mail = await mails.wait_for(wanted["email"], "verify-email")
    assert mail.locale == "fr"
    assert mail.data["name"] == "Ada"
    assert mail.data["link"] == f"https://resumax.test/auth/ui/verify?token={mail.data['token']}"

    async def profiles() -> list[Any]:
        return [call for call in account_service[0].calls if call[0] == user_id]

    calls = await eventually(profiles)
    await asyncio.sleep(0.1)
    assert len(await profiles()) == 1
    assert calls[0][1] == {"email": wanted["email"], "name": "Ada", "locale": "fr"}
    assert calls[0][2].startswith("Bearer ")
    assert len(mails.to(wanted["email"], "verify-email")) == 1


@pytest.mark.parametrize(
    "variant", [str.upper, str.title, lambda email: f"  {email} ", lambda email: email.replace("a", "\uff41")]
)
async def test_an_address_is_taken_in_every_spelling(client: httpx.AsyncClient, variant: Any) -> None:
    email = f"a{new_id().hex}@example.org"
    assert (await client.post("/auth/register", json=body(email=email))).status_code == 201
    taken = await client.post("/auth/register", json=body(email=variant(email)))
    assert (taken.status_code, taken.json()["code"]) == (409, "EMAIL_TAKEN")


async def test_of_many_that_register_one_address_at_once_one_gets_it(client: httpx.AsyncClient) -> None:
    wanted = body()
    answers = await asyncio.gather(*(client.post("/auth/register", json=wanted) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"email": "no-at.example.org"}, "$.email"),
        ({"email": "a@b"}, "$.email"),
        ({"email": "a\u0000b@example.org"}, "$.email"),
        ({"email": "a@example.org\n"}, "$.email"),
        ({"email": "a@example.org, b@example.org"}, "$.email"),
        ({"email": "a\uff20b@example.org"}, "$.email"),
        ({"email": f"{'a' * 260}@example.org"}, "$.email"),
        ({"email": "\ufdfa" * 200 + "@example.org"}, "$.email"),
        ({"email": 7}, "$.email"),
        ({"name": ""}, "$.name"),
        ({"name": "   "}, "$.name"),
        ({"name": "Ada\u0000"}, "$.name"),
        ({"name": "Ada\r\nBcc: x@example.org"}, "$.name"),
        ({"name": "a" * 201}, "$.name"),
        ({"name": None}, "$.name"),
        ({"locale": "../../etc"}, "$.locale"),
        ({"password": "too short"}, "$.password"),
        ({"password": "Password2024!"}, "$.password"),
        ({"password": "a1b2c3d4" * 17}, "$.password"),
        ({"password": "x" * 1025}, "$.password"),
        ({"password": "\ufdfa" * 100}, "$.password"),
        ({"password": ["correct horse battery"]}, "$.password"),
        ({"roles": ["superadmin"]}, "$.roles"),
        ({"useCookie": "yes"}, "$.useCookie"),
    ],
)
async def test_bad_input_is_named_by_its_path(
    client: httpx.AsyncClient, fields: dict[str, Any], path: str
) -> None:
    answer = await client.post("/auth/register", json=body(**fields))
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["path"] == path


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b'"x"', b"\xff", b'{"email":"\\ud800"}'])
async def test_what_is_no_request_at_all_is_a_problem(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post("/auth/register", content=content)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/auth/register", content=b'{"name":"' + b"x" * (2 << 20) + b'"}')
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "password",
    [
        "🎉🎊✨🎈🎂🍰🎁🕯️🥳🪅🎆🎇",
        "null\u0000byte in here",
        "пароль из нескольких слов",
        "     twelve spaces     ",
        "x1" * 64,
    ],
)
async def test_any_character_is_good_in_a_password_which_is_never_cut(
    client: httpx.AsyncClient, password: str
) -> None:
    """SECURITY 1"""
    wanted = body(password=password)
    assert (await client.post("/auth/register", json=wanted)).status_code == 201
    login = {"email": wanted["email"], "password": password}
    assert (await client.post("/auth/login", json=login)).status_code == 200
    login["password"] = password[:-1]
    assert (await client.post("/auth/login", json=login)).status_code == 401


async def test_a_password_is_the_same_in_every_unicode_form(client: httpx.AsyncClient) -> None:
    """SECURITY 1"""
    wanted = body(password="na\u00efve caf\u00e9 password")
    await client.post("/auth/register", json=wanted)
    login = {"email": wanted["email"], "password": "nai\u0308ve cafe\u0301 password"}
    assert (await client.post("/auth/login", json=login)).status_code == 200
