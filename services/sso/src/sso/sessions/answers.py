"""How every route that signs in answers: with an access token, and the refresh token in the body or as a cookie."""

from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie
from msgspec import UNSET

from sso.sessions.cookies import RefreshCookie
from sso.sessions.schemas import Tokens
from sso.sessions.service import SignedIn
from sso.tokens.access import AccessTokens


class SignInAnswers:
    def __init__(self, access_tokens: AccessTokens, cookie: RefreshCookie) -> None:
        self._access_tokens = access_tokens
        self.cookie = cookie

    def check(self, request: Request[Any, Any, Any], *, use_cookie: bool) -> None:
        """Before anything is done: no page of others signs a browser in here (login CSRF, SECURITY 14)."""
        if use_cookie:
            self.cookie.origins.refuse_foreign(request)

    async def tokens(self, signed_in: SignedIn, *, use_cookie: bool) -> Tokens:
        return Tokens(
            access_token=await self._access_tokens.for_user(signed_in.user, signed_in.session_id),
            expires_in=self._access_tokens.ttl,
            refresh_token=UNSET if use_cookie else signed_in.refresh_token,
        )

    def cookies(self, signed_in: SignedIn, *, use_cookie: bool) -> list[Cookie]:
        return [self.cookie.holding(signed_in.refresh_token)] if use_cookie else []

    async def respond(self, signed_in: SignedIn, *, use_cookie: bool) -> Response[Tokens]:
        content = await self.tokens(signed_in, use_cookie=use_cookie)
        return Response(content, cookies=self.cookies(signed_in, use_cookie=use_cookie))
