"""Asks every service how it is, all at once."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

TIMEOUT = 1.0
"""Seconds that a service has to answer."""

PARTS = [
    ("sso", "Accounts", "Who you are: sign-in, sessions, tokens, OpenID", "/auth/docs"),
    ("api", "Resumes", "Resumes, templates, sharing, exports", "/api/v1/docs"),
    ("account", "Account", "Profile, plans, payments, workspaces", "/account/v1/docs"),
    ("admin", "Operations", "Staff, audit log, moderation, analytics", "/admin/v1/docs"),
    ("processor", "Rendering", "PDF and other documents, previews, mail", "/render/v1/docs"),
]


@dataclass(frozen=True)
class Health:
    """How one service is: `ready`, `waiting` (up, but something that it needs is missing) or `down`."""

    service: str
    name: str
    purpose: str
    docs: str
    state: str
    detail: str


def of_all(environ: Mapping[str, str]) -> list[Health]:
    addresses = [environ.get(f"RESUMAX_{part[0].upper()}_URL", "") for part in PARTS]
    with ThreadPoolExecutor(len(PARTS)) as pool:
        answers = list(pool.map(_ask, addresses))
    return [Health(*part, *answer) for part, answer in zip(PARTS, answers, strict=True)]


def _ask(address: str) -> tuple[str, str]:
    """State and what to say about it."""
    if not address.startswith("http://"):
        return "down", "no address"
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=TIMEOUT):  # noqa: S310 (http, checked above)
            return "ready", ""
    except urllib.error.HTTPError as error:
        return "waiting", _reason(error.read(10_000))
    except (OSError, ValueError) as error:
        return "down", str(getattr(error, "reason", error))


def _reason(body: bytes) -> str:
    """What a service that is not ready says it waits for."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    detail = answer.get("detail") if isinstance(answer, dict) else None
    return detail if isinstance(detail, str) else ""
