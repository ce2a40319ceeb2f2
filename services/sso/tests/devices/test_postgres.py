"""What has to hold while many do the same at once, on PostgreSQL, where transactions do run beside each other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select
from sso_standins.forms import OURS, Form
from sso_standins.listener import listening

import sso.app
from common.db import Database
from common.ids import now
from common.sealing import MasterKey
from common.testing.fixtures import eventually
from common.testing.served import served
from sso.authorizations import codes
from sso.callers import Caller
from sso.clients.models import PUBLIC, OAuthClient
from sso.consents import service as consents
from sso.devices import service
from sso.devices.codes import UserCodes
from sso.devices.models import DeviceCode
from sso.devices.service import Answer, Approved, Started
from sso.logouts.models import BackchannelLogout
from sso.one_time import sha256
from sso.sessions import rotations
from sso.sessions import service as sessions
from sso.sessions.browsers import Browser
from sso.sessions.models import RefreshToken, Session
from sso.sessions.rotations import Outcome, Shown, SignedIn
from sso.sessions.service import Grant
from sso.sessions.successors import Successors
from sso.settings import Settings
from sso.users.models import User

CALLER = Caller(ip="192.0.2.1", user_agent="tests")
APP = "com.example.tv"
Stack = tuple[httpx.AsyncClient, Database, Settings]


@pytest_asyncio.fixture(scope="module")
async def stack(
    sso_settings: Callable[..., Settings], migrated_postgres: Callable[[str], str], mails: Any
) -> AsyncIterator[Stack]:
    url = migrated_postgres(sso.app.__file__)
    settings, database = sso_settings(database_url=url), Database(url)
    async with served(sso.app.create_app(settings)) as client:
        await client.post(
            "/auth/register",
            json={"email": "ada@example.org", "password": "correct horse battery", "name": "Ada"},
        )
        yield client, database, settings
    await database.close()


@pytest_asyncio.fixture
async def owner(stack: Stack) -> AsyncIterator[tuple[User, dict[str, str]]]:
    """Somebody, and the cookie of their browser."""
    client, database, _ = stack
    login = {"email": "ada@example.org", "password": "correct horse battery"}
    refresh_token = (await client.post("/auth/login", json=login)).json()["refreshToken"]
    async with database.write() as db:
        await db.merge(
            OAuthClient(id=APP, kind=PUBLIC, auth_method="none", name="TV", created_by=UUID(int=1))
        )
        user = (await db.scalars(select(User))).one()
    yield user, {"Cookie": f"__Host-resumax_refresh={refresh_token}"}


async def started(stack: Stack) -> Started:
    _, database, settings = stack
    codes = UserCodes(MasterKey(settings.key_encryption_key))
    async with database.write() as db:
        return await service.start(db, codes, client_id=APP, scope="openid", caller=CALLER)


async def test_a_device_code_gives_tokens_once(stack: Stack, owner: tuple[User, dict[str, str]]) -> None:
    client, database, _ = stack
    told = await started(stack)
    typed = {"user_code": told.user_code}
    page = await client.post("/auth/ui/device", data=typed, headers=owner[1] | OURS)
    form = Form(page)
    answers = await asyncio.gather(*(form.send(client, owner[1], decision="allow") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 4

    async def poll() -> Approved | Answer:
        async with database.write() as db:
            return await service.poll(db, told.device_code, client_id=APP)

    outcomes = await asyncio.gather(*(poll() for _ in range(8)))
    assert sum(isinstance(outcome, Approved) for outcome in outcomes) == 1
    assert outcomes.count(Answer.UNKNOWN) == 7


async def test_no_answer_of_several_at_once_is_lost(stack: Stack, owner: tuple[User, dict[str, str]]) -> None:
    _, database, _ = stack
    scopes = ["openid", "profile", "email", "resumes:read", "resumes:write", "account:read"]

    async def grant(scope: str) -> None:
        async with database.write() as db:
            app = await db.get_one(OAuthClient, APP)
            await consents.grant(db, owner[0], app, scopes=[scope], caller=CALLER)

    await asyncio.gather(*(grant(scope) for scope in scopes))
    async with database.read() as db:
        assert await consents.granted(db, owner[0].id, APP) >= set(scopes)


async def test_wrong_codes_are_counted_whoever_asks_at_the_same_time(
    stack: Stack, owner: tuple[User, dict[str, str]]
) -> None:
    client = stack[0]
    typed = {"user_code": "BBBB-BBBB"}
    answers = await asyncio.gather(
        *(client.post("/auth/ui/device", data=typed, headers=owner[1] | OURS) for _ in range(12))
    )
    assert [answer.status_code for answer in answers].count(400) == 5


async def test_an_app_is_told_of_a_logout(stack: Stack, owner: tuple[User, dict[str, str]]) -> None:
    database = stack[1]
    async with listening() as listener:
        async with database.write() as db:
            (await db.get_one(OAuthClient, APP)).backchannel_logout_uri = listener.uri
            await sessions.start(db, owner[0], caller=CALLER, grant=Grant(client_id=APP, scope="openid"))
        async with database.write() as db:
            await sessions.end_of_client(db, APP, reason="tests", caller=CALLER)
        await listener.wait_for(1)

        async def nothing_is_left() -> bool:
            async with database.read() as db:
                return not list(await db.scalars(select(BackchannelLogout)))

        await eventually(nothing_is_left)


# SECURITY 13
async def test_nothing_is_born_while_everything_ends(
    stack: Stack, owner: tuple[User, dict[str, str]]
) -> None:
    """A session or a key that was under way waits for the end, and is refused."""
    client, database, _ = stack
    user, _ = owner
    login = {"email": "ada@example.org", "password": "correct horse battery"}
    signed_in = (await client.post("/auth/login", json=login)).json()
    bearer = {"Authorization": f"Bearer {signed_in['accessToken']}"}
    told = await started(stack)
    async with database.write() as db:
        (session, *_) = await sessions.live(db, user.id)
        waiting = await db.scalars(select(DeviceCode.id).where(DeviceCode.sha256 == sha256(told.device_code)))
        at = Browser(user, session)
        assert await service.decide(db, waiting.one(), at, is_allowed=True, caller=CALLER)
        asked = codes.Request(client_id=APP, redirect_uri="x", scope="openid", nonce=None, code_challenge="x")
        code = codes.issue(db, at, asked)

    async def poll() -> Approved | Answer:
        async with database.write() as db:
            return await service.poll(db, told.device_code, client_id=APP)

    async def exchange() -> SignedIn | None:
        async with database.write() as db:
            used = await codes.use(db, code, client_id=APP, caller=CALLER)
            return used and await codes.exchange(db, used, scope="openid", caller=CALLER)

    async def make_key() -> int:
        key = {"name": "stays", "scopes": ["resumes:read"]}
        return (await client.post("/auth/api-keys", json=key, headers=bearer)).status_code

    async with database.write() as db:
        await sessions.end_all(db, user.id, reason="tests", caller=CALLER)
        await db.flush()
        tasks = [asyncio.create_task(one()) for one in (poll, exchange, make_key)]
        await asyncio.sleep(0.5)
        assert [task.done() for task in tasks] == [False] * 3
    assert [await task for task in tasks] == [Answer.DENIED, None, 401]


# SECURITY 10
@pytest.mark.parametrize("refresh_is_first", [True, False])
async def test_no_refresh_that_is_under_way_outlives_a_step_up(
    stack: Stack, owner: tuple[User, dict[str, str]], refresh_is_first: bool
) -> None:
    """Neither way round: the one before the step-up leaves no successor, the one after gets none."""
    _, database, settings = stack
    successors = Successors(MasterKey(settings.key_encryption_key))
    async with database.write() as db:
        before = await sessions.start(db, owner[0], caller=CALLER)

    async def refresh() -> Outcome:
        async with database.write() as db:
            shown = [Shown(before.refresh_token)]
            (outcome,) = await rotations.rotate(db, shown, successors=successors)
            await asyncio.sleep(0.3)
        return outcome

    async def step_up() -> None:
        async with database.write() as db:
            session = await db.get_one(Session, before.session.id)
            await sessions.renew(db, owner[0], session, amr=["pwd", "mfa"], caller=CALLER)
            await asyncio.sleep(0.3)

    async def later(one: Callable[[], Any]) -> Any:
        await asyncio.sleep(0.1)
        return await one()

    if refresh_is_first:
        outcome, _ = await asyncio.gather(refresh(), later(step_up))
    else:
        _, outcome = await asyncio.gather(step_up(), later(refresh))
    assert isinstance(outcome, SignedIn) == refresh_is_first
    async with database.read() as db:
        mine = RefreshToken.session_id == before.session.id, RefreshToken.expires_at > now()
        assert len(list(await db.scalars(select(RefreshToken.sha256).where(*mine)))) == 1
