"""How every route that signs in answers: with tokens, or with the question for a second factor; a program in JSON, a
browser on our own pages by cookies and a redirect."""

from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie
from msgspec import UNSET

from sso.challenges.service import Challenged
from sso.continuations import with_continuation
from sso.sessions.cookies import ChallengeCookie, RefreshCookie
from sso.sessions.rotations import SignedIn
from sso.sessions.schemas import MfaRequired, Tokens
from sso.tokens.access import AccessTokens

MFA_PAGE = "/auth/ui/mfa"


class SignInAnswers:
    def __init__(
        self, access_tokens: AccessTokens, cookie: RefreshCookie, challenge_cookie: ChallengeCookie
    ) -> None:
        self._access_tokens = access_tokens
        self.cookie, self.challenge_cookie = cookie, challenge_cookie

    def check(self, request: Request[Any, Any, Any], *, use_cookie: bool) -> None:
        """Before anything is done: no page of others signs a browser in here (login CSRF, SECURITY 14)."""
        if use_cookie:
            self.cookie.origins.refuse_foreign(request)

    async def tokens(self, signed_in: SignedIn, *, use_cookie: bool) -> Tokens:
        return Tokens(
            access_token=await self._access_tokens.for_session(signed_in.user, signed_in.session),
            expires_in=self._access_tokens.ttl,
            refresh_token=UNSET if use_cookie else signed_in.refresh_token,
        )

    def cookies(self, signed_in: SignedIn, *, use_cookie: bool) -> list[Cookie]:
        return [self.cookie.holding(signed_in.refresh_token)] if use_cookie else []

    async def respond(
        self, outcome: SignedIn | Challenged, *, use_cookie: bool
    ) -> Response[Tokens | MfaRequired]:
        if isinstance(outcome, Challenged):
            return Response(MfaRequired(challenge_token=outcome.token, methods=outcome.methods))
        return await self.signed_in(outcome, use_cookie=use_cookie)

    async def signed_in(self, signed_in: SignedIn, *, use_cookie: bool) -> Response[Any]:
        content = await self.tokens(signed_in, use_cookie=use_cookie)
        return Response(content, cookies=self.cookies(signed_in, use_cookie=use_cookie))

    def redirect(self, outcome: SignedIn | Challenged, *, continue_to: str) -> Response[None]:
        """For the browser that sent a form of ours: on to `continue_to` (see `sso.continuations`), signed in, or first
        to the page for the second factor. 303, so that what it sent is not sent again (RFC 9700 section 4.12)."""
        if isinstance(outcome, Challenged):
            cookies = [self.challenge_cookie.holding(outcome.token)]
            address = with_continuation(MFA_PAGE, continue_to)
        else:
            cookies = [self.cookie.holding(outcome.refresh_token), self.challenge_cookie.cleared()]
            address = continue_to
        return Response(None, status_code=303, headers={"Location": address}, cookies=cookies)
