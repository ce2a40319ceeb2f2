"""Asking a list of breached passwords by k-anonymity: five hex digits of the SHA-1 leave, some 800 suffixes come back
(the range API of Have I Been Pwned, which others offer too)."""

import asyncio
import hashlib

import httpx
import structlog

log = structlog.get_logger()

TIMEOUT = 1.0
"""Seconds for the whole question. Whoever sets a password does not wait longer for it."""
_PREFIX = 5


class BreachedPasswords:
    """Asks `{url}/{prefix}`. Without a `url` nothing is asked, and no password is known to be breached."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        # Padding: without it the size of the answer tells the prefix to whoever sees the encrypted connection.
        self._http = httpx.AsyncClient(headers={"Add-Padding": "true"}, trust_env=False) if url else None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def contain(self, password: bytes) -> bool:
        """Whether `password` (as it is hashed) is on the list; False too, with a log line, where there is no answer."""
        if self._http is None:
            return False
        digest = hashlib.sha1(password, usedforsecurity=False).hexdigest().upper()
        try:
            async with asyncio.timeout(TIMEOUT):
                answer = await self._http.get(f"{self._url}/{digest[:_PREFIX]}")
                answer.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            log.warning("breached_passwords_not_asked", reason=type(error).__name__)
            return False
        return _is_listed(answer.text, digest[_PREFIX:])


def _is_listed(answer: str, suffix: str) -> bool:
    """`SUFFIX:COUNT` in each line; those of the padding have a count of 0."""
    lines = (line.strip().partition(":") for line in answer.splitlines())
    return any(found.upper() == suffix and count.strip() not in {"", "0"} for found, _, count in lines)
