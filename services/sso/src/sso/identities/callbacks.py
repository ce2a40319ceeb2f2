"""What happens when a browser comes back from another provider: what it brings is checked, and somebody is signed in or
an identity linked."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from common.db import Database
from sso.callers import Caller
from sso.challenges.service import Challenged
from sso.identities import service
from sso.identities.models import OAuthState
from sso.identities.problems import (
    NotSignedIn,
    ProviderUnavailable,
    SignInCancelled,
    SignInRefused,
    SignInStale,
)
from sso.identities.providers import Provider
from sso.identities.upstream import Attempt
from sso.sessions.service import SignedIn

_CANCELLED = frozenset({"access_denied", "user_cancelled_login", "user_cancelled_authorize"})
_PASSING = frozenset({"server_error", "temporarily_unavailable"})
_LONGEST = 4096


class Answer(msgspec.Struct, frozen=True):
    """What the browser brings (RFC 6749 section 4.1.2, RFC 9207); empty or None where it is missing."""

    state: str
    code: str
    error: str
    issuer: str | None


def answer(parameters: Iterable[tuple[str, str]]) -> Answer:
    """The answer in the query `parameters`. Raises SignInStale if one of them is there twice (RFC 6749 section 3.1)."""
    found: dict[str, str] = {}
    for name, value in parameters:
        if name in {"state", "code", "error", "iss"}:
            if name in found or len(value) > _LONGEST:
                raise SignInStale("an answer that cannot be read")
            found[name] = value
    return Answer(found.get("state", ""), found.get("code", ""), found.get("error", ""), found.get("iss"))


async def complete(
    database: Database,
    provider: Provider,
    answer: Answer,
    state: OAuthState,
    *,
    signed_in: UUID | None,
    locale: str,
    caller: Caller,
    public_url: str,
) -> SignedIn | Challenged | None:
    """What the sign-in that `state` belongs to comes to; None where it has linked an identity to the account of
    `signed_in`, who has the browser. Raises SignInRefused or ProviderUnavailable."""
    await provider.check_issuer(answer.issuer)
    _check_success(answer)
    if state.link_user_id is not None and state.link_user_id != signed_in:
        raise NotSignedIn("somebody else is signed in, or nobody")
    attempt = Attempt(answer.state, state.nonce, state.code_verifier)
    profile = await provider.identify(answer.code, attempt)
    if state.link_user_id is None:
        return await service.sign_in(
            database, provider, profile, locale=locale, caller=caller, public_url=public_url
        )
    async with database.write() as db:
        await service.link(
            db, provider, profile, user_id=state.link_user_id, caller=caller, public_url=public_url
        )
    return None


def _check_success(answer: Answer) -> None:
    if answer.error in _CANCELLED:
        raise SignInCancelled(answer.error)
    if answer.error in _PASSING:
        raise ProviderUnavailable(answer.error)
    if answer.error or not answer.code:
        raise SignInRefused("an error at the provider" if answer.error else "no code")
