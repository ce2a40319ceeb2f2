"""`/auth/passkeys`: signing in with a passkey, and the passkeys of an account (WebAuthn Level 3)."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath

from common.auth import authenticated
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import Limit, limited
from common.schemas import JSONBody, Page
from sso.dependencies import (
    Answers,
    CurrentCaller,
    OwnTransactions,
    PasskeyParty,
    SecretsOfFactors,
)
from sso.passkeys import assertions, service
from sso.passkeys.schemas import (
    CreationOptions,
    LoginOptionsRequest,
    PasskeyLogin,
    PasskeyRead,
    PasskeyRegister,
    PasskeyRegistered,
    PasskeyRename,
    RequestOptions,
    described,
)
from sso.sessions.schemas import MfaRequired, Tokens
from sso.step_ups.guards import recently_authenticated

LARGEST = 64 * 1024
"""Bytes of a request; the largest credential, with an RSA key and an attestation of a TPM, has less than a fifth."""


@post(
    "/login/options",
    status_code=200,
    opt={"limit": Limit(120, 300)},
    summary="Begin to sign in with a passkey",
    description=(
        "For `navigator.credentials.get()`, good for five minutes and one answer. With a `challengeToken` the answer goes"
        " to `POST /auth/login/mfa`, else to `POST /auth/passkeys/login`."
    ),
    tags=["Sign-in"],
)
async def login_options(
    db: Db, party: PasskeyParty, data: JSONBody[LoginOptionsRequest | None] = None
) -> RequestOptions:
    token = data.challenge_token if data else None
    if token is None:
        return await service.login_options(db, party)
    return await service.second_factor_options(db, party, token)


@post(
    "/login",
    status_code=200,
    opt={"limit": Limit(60, 300)},
    summary="Sign in with a passkey",
    description="It is both factors at once: whoever has it, and is verified by it, needs no password and no code.",
    tags=["Sign-in"],
)
async def login(
    request: Request[Any, Any, Any],
    database: OwnTransactions,
    party: PasskeyParty,
    answers: Answers,
    caller: CurrentCaller,
    data: JSONBody[PasskeyLogin],
) -> Response[Tokens | MfaRequired]:
    answers.check(request, use_cookie=data.use_cookie)
    outcome = await service.login(database, party, data.credential, caller=caller)
    return await answers.respond(outcome, use_cookie=data.use_cookie)


@post(
    "/step-up/options",
    status_code=200,
    summary="Begin to confirm with a passkey that it is you",
    description="For `navigator.credentials.get()`. The answer goes to `POST /auth/step-up`.",
)
async def step_up_options(db: Db, user: CurrentUser, party: PasskeyParty) -> RequestOptions:
    return await assertions.ask(db, party, "step-up", user_id=user.id)


@post(
    "/register/options",
    status_code=200,
    guards=[recently_authenticated],
    summary="Begin to add a passkey",
    description="For `navigator.credentials.create()`, good for five minutes and one answer.",
)
async def registration_options(db: Db, user: CurrentUser, party: PasskeyParty) -> CreationOptions:
    return await service.registration_options(db, party, user.id)


@post("/register", guards=[recently_authenticated], summary="Add a passkey")
async def register(
    database: OwnTransactions,
    user: CurrentUser,
    party: PasskeyParty,
    factor_secrets: SecretsOfFactors,
    caller: CurrentCaller,
    data: JSONBody[PasskeyRegister],
) -> PasskeyRegistered:
    registered = await service.register(
        database,
        party,
        data.credential,
        user_id=user.id,
        name=data.name,
        secrets=factor_secrets,
        caller=caller,
    )
    return PasskeyRegistered(passkey=described(registered.passkey), recovery_codes=registered.recovery_codes)


@get("/", summary="List your passkeys")
async def list_passkeys(read_db: ReadDb, user: CurrentUser) -> Page[PasskeyRead]:
    return Page(items=[described(passkey) for passkey in await service.of(read_db, user.id)])


@patch("/{passkey_id:uuid}", summary="Rename a passkey")
async def rename_passkey(
    db: Db, user: CurrentUser, passkey_id: FromPath[UUID], data: JSONBody[PasskeyRename]
) -> PasskeyRead:
    return described(await service.rename(db, passkey_id, user_id=user.id, name=data.name))


@delete("/{passkey_id:uuid}", guards=[recently_authenticated], summary="Remove a passkey")
async def remove_passkey(
    db: Db, user: CurrentUser, party: PasskeyParty, caller: CurrentCaller, passkey_id: FromPath[UUID]
) -> None:
    await service.remove(db, party, passkey_id, user_id=user.id, caller=caller)


_anonymous = Router("/", middleware=[limited], route_handlers=[login_options, login])
_own = Router(
    "/",
    middleware=[authenticated, limited],
    route_handlers=[
        step_up_options,
        registration_options,
        register,
        list_passkeys,
        rename_passkey,
        remove_passkey,
    ],
    tags=["Passkeys"],
    security=[{"bearer": []}],
)
router = Router("/auth/passkeys", route_handlers=[_anonymous, _own], request_max_body_size=LARGEST)
