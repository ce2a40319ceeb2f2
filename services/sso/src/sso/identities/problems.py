"""What can go wrong between us and another provider. Each is a page with the provider's name for whoever signs in."""

from common.problems import Forbidden, NotFound, Problem, Unavailable


class ProviderNotFound(NotFound):
    code, title = "PROVIDER_NOT_FOUND", "There is no such provider"


class IdentityNotFound(NotFound):
    code, title = "IDENTITY_NOT_FOUND", "Identity not found"


class LastSignInMethod(Problem):
    status, code, title = 409, "LAST_SIGN_IN_METHOD", "Nobody could sign in to the account without it"


class RedirectRefused(Problem):
    status, code, title = 400, "REDIRECT_URI_REFUSED", "The address to go on to is not one of ours"


class ProviderUnavailable(Unavailable):
    """The provider could not be reached, or what it answered cannot be understood."""

    code, title = "PROVIDER_UNAVAILABLE", "The other provider does not answer right now"

    def __init__(self, reason: str) -> None:
        super().__init__(retry_after=5)
        self.reason = reason


class NotGiven(ProviderUnavailable):
    """It answers, and does not give us what was asked for."""


class SignInRefused(Problem):
    """A sign-in at another provider that must not count. The reason is for the log; whoever is there learns nothing."""

    status, code, title = 400, "SIGN_IN_REFUSED", "This sign-in did not work"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class SignInStale(SignInRefused):
    """It was not begun in this browser, is over, or took too long (SECURITY 20)."""


class SignInCancelled(SignInRefused):
    """The provider says that it did not happen: its `error` is `reason`."""


class EmailNotVerified(SignInRefused):
    """Nobody is known by this identity, and no account can be made of an address that may be somebody else's."""


class EmailInUse(SignInRefused):
    """There is an account with the address, which only its owner, signed in, may link (SECURITY 20)."""


class LinkedElsewhere(SignInRefused):
    """The identity belongs to another account."""


class NotSignedIn(SignInRefused):
    """It was begun to be linked to an account that nobody is signed in to in this browser."""


class AuthenticationTooOld(Forbidden):
    code, title = "REAUTHENTICATION_REQUIRED", "Sign in again to do this"
