"""Authorization requests as they come in (RFC 6749 section 4.1.1; OpenID Connect Core section 3.1.2.1)."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.errors import (
    RegistrationNotSupportedError,
    RequestNotSupportedError,
    RequestURINotSupportedError,
)

from common.problems import Problem
from sso.continuations import checked

PATH = "/oauth2/authorize"
ARRIVED = "arrived"
"""A parameter of our own: when the request came first (see `sso.authorizations.arrivals`)."""
CONFIRMED = "confirmed"
"""Another: that its person has confirmed it (see `sso.authorizations.confirmations`)."""
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MOST_PARAMETERS = 40
_SECONDS = re.compile(r"[0-9]{1,9}")


class AuthorizationRefused(Problem):
    """The request cannot be answered to the client that it names, so its person is told. The detail is for whoever
    makes the client."""

    status, code, title = 400, "AUTHORIZATION_REFUSED", "This app sent a request that cannot be answered"


def parse(encoded: bytes) -> dict[str, str]:
    """The parameters of a query or a form, each with a value and there once. Raises AuthorizationRefused."""
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError:
        raise AuthorizationRefused("The parameters could not be read.") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise AuthorizationRefused("A parameter is there more than once.")
    if any(_CONTROL.search(name + value) for name, value in pairs):
        raise AuthorizationRefused("A parameter has a control character.")
    parameters = {name: value for name, value in pairs if value}
    if checked(address(parameters | dict.fromkeys((ARRIVED, CONFIRMED), "-" * 60))) == checked(None):
        raise AuthorizationRefused("The request is too long.")
    return parameters


def address(parameters: Mapping[str, str]) -> str:
    """The path at which the same request is made (again)."""
    return f"{PATH}?{urlencode(parameters, quote_via=quote)}"


class Wishes(msgspec.Struct, frozen=True):
    """How the client wants its person to be asked. `max_age` in seconds."""

    prompt: frozenset[str]
    max_age: int | None
    acr_values: tuple[str, ...]

    @property
    def is_silent(self) -> bool:
        return "none" in self.prompt


def wishes(parameters: Mapping[str, Any]) -> Wishes:
    """Raises InvalidRequestError."""
    prompt = frozenset(parameters.get("prompt", "").split())
    if not prompt <= PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise InvalidRequestError("The prompt is none, or some of login, consent and select_account.")
    max_age = parameters.get("max_age")
    if max_age is not None and not _SECONDS.fullmatch(max_age):
        raise InvalidRequestError("The max_age is no number of seconds.")
    acr_values = tuple(parameters.get("acr_values", "").split())
    return Wishes(prompt, int(max_age) if max_age is not None else None, acr_values)


def refuse_what_is_not_offered(parameters: Mapping[str, str]) -> None:
    """Raise the error that OpenID Connect Core section 3.1.2.6 has for it."""
    if "request" in parameters:
        raise RequestNotSupportedError
    if "request_uri" in parameters:
        raise RequestURINotSupportedError
    if "registration" in parameters:
        raise RegistrationNotSupportedError
    if parameters.get("response_mode", "query") != "query":
        raise InvalidRequestError("The only response_mode is query.")
