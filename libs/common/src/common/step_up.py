"""Step-up (RFC 9470): what is sensitive needs somebody who was authenticated lately, and surely enough."""

import time
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from common.auth import MULTI_FACTOR, SINGLE_FACTOR
from common.problems import Unauthorized
from common.tokens import Principal

CODE = "STEP_UP_REQUIRED"
_SATISFIED_BY = {
    SINGLE_FACTOR: frozenset({SINGLE_FACTOR, MULTI_FACTOR}),
    MULTI_FACTOR: frozenset({MULTI_FACTOR}),
}


class StepUpRequired(Unauthorized):
    """The token is good, but its owner has to be authenticated again: as surely as `acr` says, at most `max_age`
    seconds ago (RFC 9470 section 3)."""

    code, title = CODE, "Confirm that it is you"

    def __init__(self, *, max_age: int, acr: str, detail: str = "") -> None:
        super().__init__(detail)
        self.headers["WWW-Authenticate"] = (
            f'Bearer error="insufficient_user_authentication", acr_values="{acr}", max_age="{max_age}"'
        )


def is_satisfied(*, acr: str, authenticated_at: float, wanted: str, max_age: float | None) -> bool:
    """Whether an authentication of `acr` at `authenticated_at` (Unix seconds) is as sure as `wanted`, and no more than
    `max_age` seconds ago."""
    is_recent = max_age is None or time.time() - authenticated_at <= max_age
    return is_recent and acr in _SATISFIED_BY[wanted]


def require_recent(principal: Principal, *, max_age: int, acr: str, detail: str = "") -> None:
    """Raise StepUpRequired unless `principal` was authenticated as surely as `acr` in the last `max_age` seconds."""
    if not is_satisfied(
        acr=principal.acr, authenticated_at=principal.authenticated_at, wanted=acr, max_age=max_age
    ):
        raise StepUpRequired(max_age=max_age, acr=acr, detail=detail)


def recent(max_age: int, acr: str = SINGLE_FACTOR, *, detail: str = "") -> Guard:
    """A guard, to stand after `authenticated`: see `require_recent`."""

    def is_recent(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        require_recent(connection.scope["auth"], max_age=max_age, acr=acr, detail=detail)

    return is_recent
