"""Signing in on a device (RFC 8628), from the device's side and from its owner's."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sso_standins.apps import App, RegisterApp, cookie
from sso_standins.forms import FOREIGN, OURS, Form

from common.db import Database
from common.ids import new_id, now
from sso import one_time
from sso.clients.models import PUBLIC, OAuthClient
from sso.consents import service as consents
from sso.devices import service
from sso.devices.codes import ALPHABET
from sso.devices.models import DeviceCode
from sso.devices.service import Answer, Approved
from sso.sessions.models import Session

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
TV = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest_asyncio.fixture
async def tv(register_app: RegisterApp) -> App:
    """An app on a television."""
    return await register_app(
        name="Slides on TV",
        kind=PUBLIC,
        is_first_party=False,
        redirect_uris=[],
        grant_types=[GRANT, "refresh_token"],
        scopes=["openid", "offline_access", "resumes:read"],
    )


def address() -> dict[str, str]:
    """From somewhere of its own, so that one test's wrong codes are not another's."""
    return {"X-Forwarded-For": f"2001:db8:{new_id().hex[-8:-4]}:{new_id().hex[-4:]}::1"}


async def started(tv: App, **form: str) -> dict[str, Any]:
    data = {"client_id": tv.id, "scope": "openid resumes:read"} | form
    answer = await tv.http.post("/oauth2/device_authorization", data=data, headers=TV)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


class Owner:
    """Who sits before the device, with a browser elsewhere."""

    def __init__(self, http: httpx.AsyncClient, account: Any) -> None:
        self.http, self.account = http, account
        self.headers = cookie(account) | address()

    async def type(self, code: str) -> httpx.Response:
        return await self.http.post("/auth/ui/device", data={"user_code": code}, headers=self.headers | OURS)

    async def decide(self, code: str, decision: str) -> httpx.Response:
        return await Form(await self.type(code)).send(self.http, self.headers, decision=decision)


@pytest.fixture
def owner(client: httpx.AsyncClient, account: Any) -> Owner:
    return Owner(client, account)


async def polled(database: Database, told: dict[str, Any], tv: App) -> Approved | Answer:
    async with database.write() as db:
        return await service.poll(db, told["device_code"], client_id=tv.id)


async def wait(database: Database, told: dict[str, Any], seconds: float) -> None:
    """Let time pass for a device that has asked before."""
    wanted = DeviceCode.sha256 == one_time.sha256(told["device_code"])
    async with database.write() as db:
        row = (await db.scalars(select(DeviceCode).where(wanted))).one()
        row.last_polled_at = row.last_polled_at and row.last_polled_at - timedelta(seconds=seconds)


async def test_a_device_is_told_a_code_and_where_to_type_it(tv: App) -> None:
    told = await started(tv)
    assert re.fullmatch(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", told["user_code"])
    assert told["verification_uri"] == "https://resumax.test/auth/ui/device"
    assert told["verification_uri_complete"] == f"{told['verification_uri']}?user_code={told['user_code']}"
    assert (told["expires_in"], told["interval"]) == (600, 5)


# SECURITY 21
async def test_codes_cannot_be_guessed_and_are_stored_under_a_key(tv: App, database: Database) -> None:
    """A user code has 34 bits, a device code 256; no two are alike, and a stolen table tells neither."""
    told = [await started(tv) for _ in range(20)]
    assert len({one["user_code"] for one in told}) == 20
    assert len(ALPHABET) ** 8 > 2**34
    assert all(len(one["device_code"]) >= 43 for one in told)
    async with database.read() as db:
        rows = await db.scalars(select(DeviceCode).where(DeviceCode.client_id == tv.id))
        hashes = {row.user_code_hash for row in rows}
    letters = {one["user_code"].replace("-", "") for one in told}
    assert len(hashes) == 20
    assert not hashes & {one_time.sha256(code) for code in letters | {one["user_code"] for one in told}}


async def test_a_device_waits_until_its_owner_has_allowed_it(
    tv: App, owner: Owner, database: Database
) -> None:
    told = await started(tv)
    assert await polled(database, told, tv) is Answer.PENDING
    page = await owner.type(told["user_code"])
    for shown in (
        "Slides on TV",
        told["user_code"],
        owner.account.email,
        "Read your resumes",
        "Firefox, Linux",
    ):
        assert shown in page.text, shown
    await wait(database, told, 5)
    assert await polled(database, told, tv) is Answer.PENDING
    allowed = await Form(page).send(owner.http, owner.headers, decision="allow")
    assert "Your device is signed in" in allowed.text
    approved = await polled(database, told, tv)
    assert isinstance(approved, Approved)
    assert (str(approved.user.id), approved.scope) == (owner.account.id, "openid resumes:read")
    assert list(approved.amr) == ["pwd"]
    async with database.read() as db:
        granted = await consents.granted(db, approved.user.id, tv.id)
    assert granted == {"openid", "resumes:read"}


# SECURITY 21
async def test_a_code_in_the_address_is_filled_in_and_never_allowed_by_itself(
    client: httpx.AsyncClient, tv: App, owner: Owner, database: Database
) -> None:
    told = await started(tv)
    path = told["verification_uri_complete"].removeprefix("https://resumax.test")
    page = await client.get(path, headers=owner.headers)
    assert Form(page).fields == {"user_code": told["user_code"]}
    assert "Slides on TV" not in page.text
    assert await polled(database, told, tv) is Answer.PENDING
    signed_out = await client.get(path)
    assert signed_out.headers["location"].startswith(
        "/auth/ui/login?continue=%2Fauth%2Fui%2Fdevice%3Fuser_code"
    )


@pytest.mark.parametrize("typed", ["{code}", "{lower}", " {spaced} ", "{bare}", "{dotted}"])
async def test_a_code_may_be_typed_as_it_comes(tv: App, owner: Owner, typed: str) -> None:
    code = (await started(tv))["user_code"]
    bare = code.replace("-", "")
    ways = {
        "code": code, "lower": code.lower(), "spaced": " ".join(bare), "bare": bare, "dotted": ".".join(bare),
    }  # fmt: skip
    page = await owner.type(typed.format(**ways))
    assert page.status_code == 200
    assert "Slides on TV" in page.text


async def test_a_device_that_is_denied_is_told_so(tv: App, owner: Owner, database: Database) -> None:
    told = await started(tv)
    denied = await owner.decide(told["user_code"], "deny")
    assert "The device was not signed in" in denied.text
    assert await polled(database, told, tv) is Answer.DENIED
    async with database.read() as db:
        assert await consents.granted(db, UUID(owner.account.id), tv.id) == frozenset()


async def test_of_any_number_of_answers_the_first_counts(tv: App, owner: Owner, database: Database) -> None:
    told = await started(tv)
    form = Form(await owner.type(told["user_code"]))
    denied = await form.send(owner.http, owner.headers, decision="deny")
    assert denied.status_code == 200
    late = await form.send(owner.http, owner.headers, decision="allow")
    assert late.status_code == 400
    assert "good no more" in late.text
    assert await polled(database, told, tv) is Answer.DENIED
    assert (await owner.type(told["user_code"])).status_code == 400


# SECURITY 21
async def test_a_device_that_asks_too_often_is_slowed_down(tv: App, database: Database) -> None:
    told = await started(tv)
    assert await polled(database, told, tv) is Answer.PENDING
    assert await polled(database, told, tv) is Answer.SLOW_DOWN
    await wait(database, told, 9.5)
    assert await polled(database, told, tv) is Answer.SLOW_DOWN, "the interval is 10 s by now"
    await wait(database, told, 15)
    assert await polled(database, told, tv) is Answer.PENDING


async def test_a_device_code_gives_tokens_once_though_many_ask_at_once(
    tv: App, owner: Owner, database: Database
) -> None:
    told = await started(tv)
    await owner.decide(told["user_code"], "allow")
    answers = await asyncio.gather(*(polled(database, told, tv) for _ in range(10)))
    assert sum(isinstance(answer, Approved) for answer in answers) == 1
    assert answers.count(Answer.UNKNOWN) == 9


async def test_a_device_code_is_good_for_its_own_client_alone(
    tv: App, owner: Owner, database: Database, register_app: RegisterApp
) -> None:
    told = await started(tv)
    await owner.decide(told["user_code"], "allow")
    other = await register_app()
    assert await polled(database, told, other) is Answer.UNKNOWN
    assert isinstance(await polled(database, told, tv), Approved)


async def test_codes_expire_after_ten_minutes(tv: App, owner: Owner, database: Database) -> None:
    told, answered = await started(tv), await started(tv)
    await owner.decide(answered["user_code"], "allow")
    form = Form(await owner.type(told["user_code"]))
    async with database.write() as db:
        row = (await db.scalars(select(DeviceCode).where(DeviceCode.client_id == tv.id))).first()
        assert row is not None
        assert timedelta(minutes=9) < row.expires_at - now() <= timedelta(minutes=10)
        past = update(DeviceCode).where(DeviceCode.client_id == tv.id).values(expires_at=now())
        await db.execute(past)
    assert (await owner.type(told["user_code"])).status_code == 400
    assert (await form.send(owner.http, owner.headers, decision="allow")).status_code == 400
    for one in (told, answered):
        assert await polled(database, one, tv) is Answer.EXPIRED


# SECURITY 13
async def test_who_is_signed_out_before_the_device_asks_has_not_let_it_in(
    tv: App, owner: Owner, database: Database
) -> None:
    told = await started(tv)
    await owner.decide(told["user_code"], "allow")
    await owner.http.post("/auth/logout-all", headers=owner.account.headers)
    assert await polled(database, told, tv) is Answer.DENIED
    assert await polled(database, told, tv) is Answer.UNKNOWN


# SECURITY 21
async def test_after_five_wrong_codes_somebody_has_to_wait_wherever_they_are(
    client: httpx.AsyncClient, tv: App, owner: Owner
) -> None:
    told = await started(tv)
    for _ in range(5):
        owner.headers |= address()
        wrong = await owner.type("BBBB-BBBB")
        assert wrong.status_code == 400
        assert "No device is waiting with this code" in wrong.text
    owner.headers |= address()
    locked = await owner.type(told["user_code"])
    assert locked.status_code == 429
    assert "too many wrong codes" in locked.text
    assert "Slides on TV" not in locked.text


async def test_an_address_has_to_wait_whoever_signs_in_there(
    client: httpx.AsyncClient, tv: App, register: Any
) -> None:
    told, there = await started(tv), address()
    statuses = []
    for _ in range(8):
        owner = Owner(client, await register())
        owner.headers |= there
        statuses += [(await owner.type("BBBB-BBBB")).status_code for _ in range(4)]
    assert (statuses.count(400), statuses.count(429)) == (30, 2)
    fresh = Owner(client, await register())
    fresh.headers |= there
    assert (await fresh.type(told["user_code"])).status_code == 429
    fresh.headers |= address()
    assert (await fresh.type(told["user_code"])).status_code == 200


async def test_many_wrong_codes_at_once_are_no_way_around_the_count(
    client: httpx.AsyncClient, tv: App, owner: Owner
) -> None:
    answers = await asyncio.gather(*(owner.type("BBBB-BBBB") for _ in range(20)))
    assert [answer.status_code for answer in answers].count(400) == 5


async def test_right_codes_are_not_counted(tv: App, owner: Owner) -> None:
    for _ in range(8):
        assert (await owner.type((await started(tv))["user_code"])).status_code == 200


async def test_what_cannot_be_a_code_is_asked_for_again(client: httpx.AsyncClient, owner: Owner) -> None:
    for typed in ("", "x", "AEIOU-123", "BCDF-GHJ", "BCDF-GHJKL", "\x00" * 50, "b" * 5000, "<b>"):
        page = await owner.type(typed)
        assert page.status_code == 400, typed
        assert "<b>" not in page.text.partition("<form")[2].partition("</form>")[0]


# SECURITY 14
@pytest.mark.parametrize("headers", FOREIGN)
async def test_no_other_page_can_allow_a_device(
    client: httpx.AsyncClient, tv: App, owner: Owner, database: Database, headers: dict[str, str]
) -> None:
    told = await started(tv)
    form = Form(await owner.type(told["user_code"]))
    assert (await form.send(client, owner.headers, origin=headers, decision="allow")).status_code == 403
    typed = {"user_code": told["user_code"]}
    answer = await client.post("/auth/ui/device", data=typed, headers=owner.headers | headers)
    assert answer.status_code == 403
    assert await polled(database, told, tv) is Answer.PENDING


async def test_only_the_account_that_the_page_showed_can_allow_a_device(
    client: httpx.AsyncClient, tv: App, owner: Owner, register: Any, database: Database
) -> None:
    told = await started(tv)
    form = Form(await owner.type(told["user_code"]))
    other = await register()
    assert (await form.send(client, cookie(other), decision="allow")).status_code == 400
    for changes in ({"request": ""}, {"request": "x"}, {"request": str(new_id())}, {"decision": "maybe"}):
        sent = await form.send(client, owner.headers, **({"decision": "allow"} | changes))
        assert sent.status_code == 400, changes
    assert await polled(database, told, tv) is Answer.PENDING


async def test_a_client_proves_itself_as_at_the_token_endpoint(
    client: httpx.AsyncClient, register_app: RegisterApp
) -> None:
    app = await register_app(grant_types=[GRANT], redirect_uris=[], scopes=["openid"])
    assert app.auth is not None
    form = {"scope": "openid"}
    good = await client.post("/oauth2/device_authorization", data=form, auth=app.auth)
    assert good.status_code == 200, good.text
    for auth, data in (((app.id, "wrong"), form), (None, form | {"client_id": app.id}), (None, form)):
        answer = await client.post("/oauth2/device_authorization", data=data, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_client_is_refused_what_it_may_not_ask_for(
    client: httpx.AsyncClient, tv: App, app: App
) -> None:
    for scope in ("openid platform", "internal", "", "everything"):
        form = {"client_id": tv.id, "scope": scope}
        answer = await client.post("/oauth2/device_authorization", data=form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope"), scope
    other = await client.post("/oauth2/device_authorization", data={"scope": "openid"}, auth=app.auth)
    assert (other.status_code, other.json()["error"]) == (400, "unauthorized_client")


async def test_the_session_of_a_device_outlives_the_browser_that_allowed_it(
    client: httpx.AsyncClient, tv: App, owner: Owner, database: Database
) -> None:
    told = await started(tv)
    await owner.decide(told["user_code"], "allow")
    given = await tv.token(grant_type=GRANT, device_code=told["device_code"])
    assert given.status_code == 200, given.text
    async with database.read() as db:
        wanted = select(Session).where(Session.client_id == tv.id)
        session = (await db.scalars(wanted)).one()
    assert session.parent_id is None
    await client.post("/auth/logout", headers=owner.account.headers)
    assert (await tv.refresh(given.json()["refresh_token"])).status_code == 200


async def test_a_device_gets_no_scope_that_its_app_lost_meanwhile(
    tv: App, owner: Owner, database: Database
) -> None:
    narrower, nothing = await started(tv), await started(tv)
    for told in (narrower, nothing):
        assert (await owner.decide(told["user_code"], "allow")).status_code == 200
    for told, scopes, scope in ((narrower, ["openid"], "openid"), (nothing, ["offline_access"], None)):
        async with database.write() as db:
            (await db.get_one(OAuthClient, tv.id)).scopes = scopes
        answer = await tv.token(grant_type=GRANT, device_code=told["device_code"])
        assert answer.json().get("scope") == scope
        assert answer.json().get("error") == (None if scope else "invalid_grant")
