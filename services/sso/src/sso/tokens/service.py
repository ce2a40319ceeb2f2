"""Introspection and revocation of tokens, and what a token tells of the person whom it speaks for."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from sqlalchemy.ext.asyncio import AsyncSession

from common.auth import InsufficientScope
from common.db import Database
from common.tokens import InvalidToken, Principal
from sso import outcomes
from sso.callers import Caller
from sso.oauth2.errors import Refusal
from sso.oauth2.requests import from_form
from sso.oauth2.server import Answer, Parts, Server
from sso.scopes import OPENID
from sso.tokens.endpoints import Introspection, Revocation
from sso.tokens.reading import AccessTokenReader
from sso.tokens.schemas import TokenForm, UserInfo
from sso.users import queries as users


class TokenEndpoints:
    """What clients do with tokens that they have. Errors are returned and not raised: what a client proved itself by
    was used up all the same."""

    def __init__(self, database: Database, parts: Parts, reader: AccessTokenReader) -> None:
        self._database, self._parts, self._reader = database, parts, reader

    async def introspect(
        self, form: TokenForm, *, authorization: str, caller: Caller
    ) -> dict[str, Any] | Refusal:
        """What the token is (RFC 7662 section 2.2)."""
        is_read_only = not form.client_assertion
        begin = self._database.read if is_read_only else self._database.write
        answer = await self._run(Introspection, begin, form, authorization, caller)
        if isinstance(answer, Refusal):
            return answer
        described: dict[str, Any] = answer.body
        outcomes.count("introspect", "active" if described["active"] else "inactive")
        return described

    async def revoke(self, form: TokenForm, *, authorization: str, caller: Caller) -> Refusal | None:
        """End a token of the client; whether there was one is not told (RFC 7009 section 2.2)."""
        answer = await self._run(Revocation, self._database.write, form, authorization, caller)
        if isinstance(answer, Refusal):
            return answer
        outcomes.count("revoke", "done")
        return None

    async def _run(
        self,
        endpoint: type[Introspection | Revocation],
        begin: Callable[[], AbstractAsyncContextManager[AsyncSession]],
        form: TokenForm,
        authorization: str,
        caller: Caller,
    ) -> Answer | Refusal:
        claims = await self._reader.read(form.token)
        request = from_form(form, authorization=authorization)
        async with begin() as db:
            server = Server(self._parts, db, caller, endpoints=[endpoint(claims)])
            name = endpoint.ENDPOINT_NAME
            answer: Answer = await server.run(lambda server: server.create_endpoint_response(name, request))
        if isinstance(answer.body, OAuth2Error):
            outcomes.count(str(name), str(answer.body.error))
            return Refusal(answer.body.error, answer.body.description, answer.status)
        return answer


async def user_info(db: AsyncSession, principal: Principal) -> UserInfo:
    """Who the token speaks for, as far as its scope tells (OpenID Connect Core section 5.4). Raises InsufficientScope,
    or InvalidToken for somebody whose account is there no more."""
    if OPENID not in principal.scopes:
        raise InsufficientScope(OPENID)
    user = await users.find(db, principal.id)
    if user is None or not user.is_active:
        raise InvalidToken("its owner may not sign in")
    told: dict[str, Any] = {"sub": principal.subject}
    if "profile" in principal.scopes:
        told |= {"name": user.name, "locale": user.locale, "updated_at": int(user.updated_at.timestamp())}
    if "email" in principal.scopes:
        told |= {"email": user.email, "email_verified": user.email_verified}
    return UserInfo(**told)
