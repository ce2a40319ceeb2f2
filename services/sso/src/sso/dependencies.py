"""What the SSO's handlers ask for by name, beside what `common.dependencies` gives."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from common.db import Database
from sso.authorizations.service import Authorizations
from sso.callers import LONGEST_IP, Caller, shortened
from sso.devices.codes import UserCodes
from sso.factors.proofs import SecondFactors
from sso.factors.secrets import FactorSecrets
from sso.forms import Continue
from sso.identities.departures import Departures
from sso.identities.providers import Providers
from sso.keys.keyring import Keyring
from sso.logins.attempts import PasswordAttempts
from sso.oauth2.issuing import TokenResponses
from sso.oauth2.server import Parts
from sso.onward import Onward, lead
from sso.pages import SignInNeeded
from sso.passkeys.relying_party import RelyingParty
from sso.passwords.acceptance import NewPasswords
from sso.passwords.hashing import Passwords
from sso.sessions import browsers
from sso.sessions.answers import SignInAnswers
from sso.sessions.browsers import Browser
from sso.sessions.refreshes import Refreshes
from sso.settings import Settings
from sso.tokens.access import AccessTokens
from sso.tokens.service import TokenEndpoints

CurrentCaller = NamedDependency[SkipValidation[Caller]]
"""The address and browser of the request."""
OwnTransactions = NamedDependency[SkipValidation[Database]]
"""The database itself, for what must be committed although the request fails."""
PasswordHashing = NamedDependency[SkipValidation[Passwords]]
PasswordTrying = NamedDependency[SkipValidation[PasswordAttempts]]
"""For whatever asks for the password that an account has: failures are counted, and lock it."""
NewPasswordAcceptance = NamedDependency[SkipValidation[NewPasswords]]
SecondFactorProofs = NamedDependency[SkipValidation[SecondFactors]]
SecretsOfFactors = NamedDependency[SkipValidation[FactorSecrets]]
PasskeyParty = NamedDependency[SkipValidation[RelyingParty]]
IdentityProviders = NamedDependency[SkipValidation[Providers]]
"""The other providers that people can sign in with."""
OAuthDepartures = NamedDependency[SkipValidation[Departures]]
"""The way of a browser to one of them."""
Answers = NamedDependency[SkipValidation[SignInAnswers]]
Refreshing = NamedDependency[SkipValidation[Refreshes]]
TokenSigning = NamedDependency[SkipValidation[AccessTokens]]
SigningKeys = NamedDependency[SkipValidation[Keyring]]
OAuthParts = NamedDependency[SkipValidation[Parts]]
"""What an authorization server for the request at hand is made of (`sso.oauth2.server`)."""
AuthorizationRequests = NamedDependency[SkipValidation[Authorizations]]
DeviceUserCodes = NamedDependency[SkipValidation[UserCodes]]
TokenAnswering = NamedDependency[SkipValidation[TokenEndpoints]]
TokenResponding = NamedDependency[SkipValidation[TokenResponses]]
CurrentBrowser = NamedDependency[SkipValidation[Browser]]
"""Who is signed in with the browser that asks for a page. Where nobody is, the answer is the way to the login page."""
BrowserIfAny = NamedDependency[SkipValidation[Browser | None]]
"""The same, or None."""
GoingOn = NamedDependency[SkipValidation[Onward]]
"""Where a page that signs somebody in goes on to, by its query."""
CurrentSettings = NamedDependency[SkipValidation[Settings]]


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    address = request.app.state.client_address(request)
    return Caller(ip=address[:LONGEST_IP], user_agent=shortened(request.headers.get("user-agent", "")))


async def browser_if_any(
    request: Request[Any, Any, Any], database: OwnTransactions, answers: Answers
) -> Browser | None:
    async with database.read() as db:
        return await browsers.find(db, request, answers)


async def browser(browser_if_any: BrowserIfAny) -> Browser:
    if browser_if_any is None:
        raise SignInNeeded
    return browser_if_any


async def onward(database: OwnTransactions, continue_to: Continue = "") -> Onward:
    return await lead(database, continue_to)


def providers(**parts: object) -> dict[str, Provide]:
    """`parts` under their names, as dependencies; and what is told by the request."""
    provided = {name: Provide(_constant(part), sync_to_thread=False) for name, part in parts.items()}
    return {
        **provided,
        "caller": Provide(caller_of, sync_to_thread=False),
        "browser_if_any": Provide(browser_if_any),
        "browser": Provide(browser),
        "onward": Provide(onward),
    }


def _constant(part: object) -> Any:
    return lambda: part
