"""`/auth/refresh`, `/auth/logout`, `/auth/sessions`: sessions go on, end, and are listed."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, post
from litestar.openapi.spec import SecurityRequirement
from litestar.params import FromPath

from common.auth import authenticated, authenticated_if_valid
from common.dependencies import CurrentUser, Db, ReadDb
from common.limits import Limit, limited
from common.problems import Unauthorized
from common.schemas import JSONBody, Page
from common.tokens import Principal
from sso.dependencies import Answers, CurrentCaller, Refreshing, caller_of
from sso.sessions import service
from sso.sessions.schemas import RefreshRequest, SessionRead, Tokens, described

BEARER: list[SecurityRequirement] = [{"bearer": []}]


@post(
    "/refresh",
    status_code=200,
    middleware=[limited],
    opt={"limit": Limit(300, 300)},
    summary="Get a new access token, and the next refresh token",
)
async def refresh(
    request: Request[Any, Any, Any],
    refreshes: Refreshing,
    data: JSONBody[RefreshRequest | None] = None,
) -> Response[Tokens]:
    data, answers = data or RefreshRequest(), refreshes.answers
    answers.check(request, use_cookie=data.use_cookie)
    refresh_token = data.refresh_token or answers.cookie.read(request)
    if refresh_token is None:
        raise service.RefreshTokenInvalid
    use_cookie = data.use_cookie or data.refresh_token is None
    signed_in = await refreshes.refresh(refresh_token, caller=caller_of(request))
    return await answers.signed_in(signed_in, use_cookie=use_cookie)


@post(
    "/logout",
    status_code=204,
    middleware=[authenticated_if_valid, limited],
    summary="End this session",
    description="The session of the access token; without one that is still good, that of the refresh token.",
    security=[*BEARER, {}],
)
async def logout(
    request: Request[Any, Any, Any],
    db: Db,
    answers: Answers,
    caller: CurrentCaller,
    data: JSONBody[RefreshRequest | None] = None,
) -> Response[None]:
    principal: Principal | None = request.scope.get("auth")
    refresh_token = data.refresh_token if data else None
    if principal is not None:
        await service.end(
            db, UUID(principal.session_id), user_id=principal.id, caller=caller, token_id=principal.token_id
        )
    elif refresh_token := refresh_token or answers.cookie.read(request):
        await service.end_by_refresh_token(db, refresh_token, caller=caller)
    else:
        raise Unauthorized
    return Response(None, cookies=[answers.cookie.cleared()])


@post(
    "/logout-all",
    status_code=204,
    middleware=[authenticated, limited],
    summary="End all your sessions, and your API keys",
    security=BEARER,
)
async def logout_all(db: Db, user: CurrentUser, answers: Answers, caller: CurrentCaller) -> Response[None]:
    await service.end_all(db, user.id, reason="signed_out", caller=caller)
    return Response(None, cookies=[answers.cookie.cleared()])


@get(
    "/sessions", middleware=[authenticated, limited], summary="List where you are signed in", security=BEARER
)
async def list_sessions(read_db: ReadDb, user: CurrentUser) -> Page[SessionRead]:
    live = await service.live(read_db, user.id)
    return Page(items=[described(session, current=user.session_id) for session in live])


@delete(
    "/sessions/{session_id:uuid}",
    middleware=[authenticated, limited],
    summary="Sign a device out",
    security=BEARER,
)
async def end_session(db: Db, user: CurrentUser, caller: CurrentCaller, session_id: FromPath[UUID]) -> None:
    await service.end(db, session_id, user_id=user.id, caller=caller)


router = Router(
    "/auth",
    route_handlers=[refresh, logout, logout_all, list_sessions, end_session],
    tags=["Sessions"],
)
