"""What the SSO's handlers ask for by name, beside what `common.dependencies` gives."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from common.db import Database
from sso.callers import LONGEST_IP, Caller, shortened
from sso.keys.keyring import Keyring
from sso.passwords.hashing import Passwords
from sso.sessions.answers import SignInAnswers
from sso.sessions.successors import Successors
from sso.settings import Settings
from sso.tokens.access import AccessTokens

CurrentCaller = NamedDependency[SkipValidation[Caller]]
"""The address and browser of the request."""
OwnTransactions = NamedDependency[SkipValidation[Database]]
"""The database itself, for what must be committed although the request fails."""
PasswordHashing = NamedDependency[SkipValidation[Passwords]]
Answers = NamedDependency[SkipValidation[SignInAnswers]]
RefreshTokenSuccessors = NamedDependency[SkipValidation[Successors]]
TokenSigning = NamedDependency[SkipValidation[AccessTokens]]
SigningKeys = NamedDependency[SkipValidation[Keyring]]
CurrentSettings = NamedDependency[SkipValidation[Settings]]


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    address = request.app.state.client_address(request)
    return Caller(ip=address[:LONGEST_IP], user_agent=shortened(request.headers.get("user-agent", "")))


def providers(**parts: object) -> dict[str, Provide]:
    """`parts` under their names, as dependencies; and `caller`."""
    provided = {name: Provide(_constant(part), sync_to_thread=False) for name, part in parts.items()}
    return {**provided, "caller": Provide(caller_of, sync_to_thread=False)}


def _constant(part: object) -> Any:
    return lambda: part
