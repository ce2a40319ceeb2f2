"""What is known about the request or message being worked on: it follows the work into logs, calls and messages."""

import re
from contextvars import ContextVar
from random import getrandbits

from uuid_utils import uuid7

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

request_id: ContextVar[str] = ContextVar("request_id", default="")
traceparent: ContextVar[str] = ContextVar("traceparent", default="")


def accept(given_request_id: str, given_traceparent: str) -> str:
    """Enter the context of a caller: its request id and W3C trace where they are well formed, new ones where not.

    Returns the request id.
    """
    if not _REQUEST_ID.fullmatch(given_request_id):
        given_request_id = uuid7().hex
    if not _TRACEPARENT.fullmatch(given_traceparent):
        given_traceparent = f"00-{getrandbits(128):032x}-{getrandbits(64):016x}-01"
    request_id.set(given_request_id)
    traceparent.set(given_traceparent)
    return given_request_id


def trace_id() -> str:
    """The 32 hex digits that join the log lines of one trace across services; empty outside of any."""
    return traceparent.get()[3:35]


def outgoing_headers() -> dict[str, str]:
    """The headers that carry this context to another service or into a message."""
    if not request_id.get():
        return {}
    return {"X-Request-Id": request_id.get(), "traceparent": traceparent.get()}
