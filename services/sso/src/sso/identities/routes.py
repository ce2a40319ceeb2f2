"""`/auth/providers` and `/auth/identities`: which other providers there are, and one's own accounts at them."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, post
from litestar.params import FromPath

from common.auth import authenticated
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import limited
from common.schemas import JSONBody, Page
from sso.continuations import HOME
from sso.dependencies import Answers, CurrentCaller, CurrentSettings, IdentityProviders, OAuthDepartures
from sso.identities import service
from sso.identities.schemas import IdentityRead, LinkRequest, LinkStarted, ProviderRead
from sso.step_ups.guards import recently_authenticated


@get(
    "/auth/providers",
    middleware=[limited],
    summary="List the other providers to sign in with",
    description="A browser is sent to `/auth/oauth/{id}/start?redirectUri=`, and comes back to `redirectUri`.",
    tags=["Identities"],
    sync_to_thread=False,
)
def list_providers(identity_providers: IdentityProviders) -> Page[ProviderRead]:
    return Page(items=identity_providers.listed())


@get("/", summary="List your accounts at other providers")
async def list_identities(
    read_db: ReadDb, user: CurrentUser, identity_providers: IdentityProviders
) -> Page[IdentityRead]:
    return Page(items=await service.listed(read_db, user.id, providers=identity_providers))


@post(
    "/{provider:str}/link",
    status_code=200,
    guards=[recently_authenticated],
    summary="Begin to link an account at another provider",
    description=(
        "Send the browser to `redirectTo`. It must be the one that asks here, with its cookies, and you must still be"
        " signed in with it when it comes back."
    ),
)
async def link_identity(
    request: Request[Any, Any, Any],
    db: Db,
    departures: OAuthDepartures,
    answers: Answers,
    user: CurrentUser,
    provider: FromPath[str],
    data: JSONBody[LinkRequest | None] = None,
) -> Response[LinkStarted]:
    answers.check(request, use_cookie=True)
    redirect_uri = data.redirect_uri if data is not None else None
    continue_to = HOME if redirect_uri is None else departures.destinations.checked(redirect_uri)
    departure = await departures.begin(db, request, provider, continue_to=continue_to, link_user_id=user.id)
    return Response(LinkStarted(redirect_to=departure.address), cookies=[departure.cookie])


@delete(
    "/{identity_id:uuid}",
    guards=[recently_authenticated],
    summary="Remove an account at another provider",
    description="409 `LAST_SIGN_IN_METHOD` for the last way to sign in.",
)
async def unlink_identity(
    db: Db,
    user: CurrentUser,
    identity_providers: IdentityProviders,
    caller: CurrentCaller,
    settings: CurrentSettings,
    identity_id: FromPath[UUID],
) -> None:
    await service.unlink(
        db,
        identity_id,
        user_id=user.id,
        providers=identity_providers,
        caller=caller,
        public_url=settings.issuer,
    )


router = Router(
    "/auth/identities",
    middleware=[authenticated, limited],
    route_handlers=[list_identities, link_identity, unlink_identity],
    tags=["Identities"],
    security=[{"bearer": []}],
)
