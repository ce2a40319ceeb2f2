"""Trying passwords of links: only so often, for each caller and in all, whether they are right or wrong."""

import time
from typing import Any

from litestar import Request

from api.shares.models import Share
from api.shares.passwords import Passwords
from common.limits import Limit, RateLimiter, RateLimitExceeded, network_of
from common.problems import Forbidden

BY_ADDRESS = Limit(10, 900)
"""Of one caller at one link: 10 in 15 minutes. Its name in the settings is `GUESS share-password`."""
IN_ALL = Limit(200, 3600)
"""At one link by everybody, `GUESS share-passwords`: of a million passwords this tries one half in three months."""


class PasswordWrong(Forbidden):
    code, title = "SHARE_PASSWORD_WRONG", "The password is wrong"


async def check(request: Request[Any, Any, Any], passwords: Passwords, share: Share, password: str) -> None:
    """Raises PasswordWrong, or, before anything is looked at, RateLimitExceeded."""
    if share.password_hash is None:
        return
    address = network_of(request.app.state.client_address(request))
    token = "".join(c if c.isalnum() else "_" for c in address)
    await _take(request, "share-password", f"{share.id.hex}.{token}", BY_ADDRESS)
    await _take(request, "share-passwords", share.id.hex, IN_ALL)
    if not await passwords.verify(password, share.password_hash):
        raise PasswordWrong


async def _take(request: Request[Any, Any, Any], what: str, whose: str, default: Limit) -> None:
    limiter: RateLimiter = request.app.state.limiter
    if limiter.off:
        return
    key, limit = limiter.route("GUESS", what, default)
    allowed, _, reset = await limiter.take(f"{key}.{whose}", limit)
    if not allowed:
        wait = max(1, reset - int(time.time()))
        raise RateLimitExceeded("Too many passwords were tried.", headers={"Retry-After": str(wait)})
