"""What an authorization request leads to: to the client with a code or an error, or first to a page of ours.

Nothing goes to a redirect URI that is not registered for the client (SECURITY 17); whatever goes there says who sent it
(`iss`, RFC 9207).
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import msgspec
import structlog
from authlib.oauth2.rfc6749 import OAuth2Error, UnauthorizedClientError, UnsupportedResponseTypeError
from sqlalchemy.ext.asyncio import AsyncSession

from common.db import Database
from common.ids import now
from sso import outcomes
from sso.authorizations import interaction, requests
from sso.authorizations.arrivals import Arrivals
from sso.authorizations.confirmations import Confirmations
from sso.authorizations.requests import AuthorizationRefused, Wishes
from sso.callers import Caller
from sso.clients.models import OAuthClient
from sso.grants.codes import S256, CodeGrant
from sso.keys.keyring import Keyring
from sso.logouts import hints
from sso.oauth2.clients import AUTHORIZATION_CODE, Client
from sso.oauth2.requests import ClientRequest
from sso.oauth2.server import Parts, Server
from sso.sessions.browsers import Browser

log = structlog.get_logger()

_GRANTS = [(CodeGrant, [S256()])]
_NOBODY = Caller(ip="", user_agent="")


class Asked(msgspec.Struct, frozen=True):
    """A request whose client and redirect URI are good; nothing else of it has been checked."""

    client: OAuthClient
    redirect_uri: str
    parameters: Mapping[str, str]

    @property
    def scopes(self) -> list[str]:
        """In the order in which they came, each once."""
        return list(dict.fromkeys(self.parameters.get("scope", "").split()))


class Authorizations:
    """The authorization endpoint, and what the pages on the way may know of the request that waits behind them."""

    def __init__(
        self,
        database: Database,
        parts: Parts,
        arrivals: Arrivals,
        confirmations: Confirmations,
        keyring: Keyring,
    ) -> None:
        self._database, self._parts, self._keyring = database, parts, keyring
        self._arrivals, self._confirmations = arrivals, confirmations

    async def answer(self, parameters: Mapping[str, str], browser: Browser | None) -> str:
        """The address that the browser is sent to. Raises AuthorizationRefused."""
        hint = await hints.read(self._keyring, parameters.get("id_token_hint", ""), issuer=self._parts.issuer)
        hinted = hint.user_id if hint is not None else None
        async with self._database.read() as db:
            asked = await self._asked(db, parameters)
            try:
                page = await self._page(db, asked, browser, hinted)
            except OAuth2Error as error:
                outcomes.count("authorize", str(error.error))
                log.info("authorization_refused", client_id=asked.client.id, error=error.error)
                return self._to_client(asked, error=error.error, error_description=error.description)
        if page is not None:
            outcomes.count("authorize", "asked")
            return page
        assert browser is not None  # noqa: S101 (or there would have been the login page)
        async with self._database.write() as db:
            code = await self._server(db).run(lambda server: _code(server, asked, browser))
        outcomes.count("authorize", "granted")
        return self._to_client(asked, code=code)

    async def asked(self, continue_to: str) -> Asked | None:
        """What waits behind a page with this `continue`, if that is a good request."""
        parts = urlsplit(continue_to)
        if parts.path != requests.PATH:
            return None
        try:
            async with self._database.read() as db:
                return await self._asked(db, requests.parse(parts.query.encode()))
        except AuthorizationRefused:
            return None

    def allowed(self, asked: Asked, browser: Browser) -> str:
        """The path at which the request goes on that its person has just said yes to."""
        return requests.address(self._confirmations.marked(asked.parameters, browser.session.id, now()))

    async def denied(self, continue_to: str) -> str | None:
        """The address that tells the client that its person said no; None if no good request waits."""
        asked = await self.asked(continue_to)
        if asked is None:
            return None
        outcomes.count("authorize", "access_denied")
        return self._to_client(asked, error="access_denied")

    def _server(self, db: AsyncSession) -> Server:
        return Server(self._parts, db, _NOBODY, grants=_GRANTS)

    async def _asked(self, db: AsyncSession, parameters: Mapping[str, str]) -> Asked:
        """Raises AuthorizationRefused."""
        client = await self._server(db).run(
            lambda server: server.query_client(parameters.get("client_id", ""))
        )
        if client is None:
            raise AuthorizationRefused("There is no such client.")
        redirect_uri = parameters.get("redirect_uri", "")
        if not client.check_redirect_uri(redirect_uri):
            raise AuthorizationRefused("This redirect URI is not registered for the client.")
        return Asked(client.row, redirect_uri, parameters)

    async def _page(
        self, db: AsyncSession, asked: Asked, browser: Browser | None, hinted: UUID | None
    ) -> str | None:
        """Our page that the browser has to be sent to first, if any. Raises OAuth2Error for the client to be told."""
        wishes = _checked_wishes(asked)
        scope = await self._server(db).run(lambda server: _checked_scope(server, asked))
        at = now()
        page = await interaction.sign_in_page(
            db, asked.parameters, wishes, browser, hinted=hinted, arrivals=self._arrivals, at=at
        )
        if page is not None or browser is None:
            return page
        return await interaction.consent_page(
            db,
            asked.parameters,
            wishes,
            browser,
            client=asked.client,
            scope=scope,
            is_to_be_confirmed=self._is_to_be_confirmed(asked, browser, at),
        )

    def _is_to_be_confirmed(self, asked: Asked, browser: Browser, at: datetime) -> bool:
        return self._confirmations.are_needed(asked.client, asked.redirect_uri) and not (
            self._confirmations.is_marked(asked.parameters, browser.session.id, at)
        )

    def _to_client(self, asked: Asked, **told: str) -> str:
        """The redirect URI with what the client is told. It is made longer and not put together anew, so that what was
        registered stays as it is to the letter."""
        state = asked.parameters.get("state")
        given = {name: value for name, value in told.items() if value}
        query = urlencode(given | ({"state": state} if state else {}) | {"iss": self._parts.issuer})
        return f"{asked.redirect_uri}{'&' if '?' in asked.redirect_uri else '?'}{query}"


def _checked_wishes(asked: Asked) -> Wishes:
    requests.refuse_what_is_not_offered(asked.parameters)
    if asked.parameters.get("response_type") != "code":
        raise UnsupportedResponseTypeError("code", "The only response_type is code.")
    if not Client(asked.client).check_grant_type(AUTHORIZATION_CODE):
        raise UnauthorizedClientError("The client is not registered for the authorization code grant.")
    return requests.wishes(asked.parameters)


def _checked_scope(server: Server, asked: Asked) -> str:
    """The scope of a request that Authlib finds nothing wrong with: PKCE above all."""
    grant = server.get_consent_grant(ClientRequest("GET", asked.parameters))
    scope: str = grant.request.scope
    return scope


def _code(server: Server, asked: Asked, browser: Browser) -> str:
    grant = server.get_consent_grant(ClientRequest("GET", asked.parameters))
    code: str = server.create_authorization_response(grant.request, grant_user=browser, grant=grant).body
    return code
