"""Asks every service how it is, all at once."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT = 1.0
"""Seconds that a service has to answer."""

PARTS = [
    ("sso", "Sign-in", "Who you are: accounts, sessions, tokens", "/auth/docs"),
    ("api", "Resumes", "Resumes, their versions, templates, exports", "/api/v1/docs"),
    ("account", "Account", "Your profile", "/account/v1/docs"),
    ("admin", "Operations", "Staff, users, audit log, health", "/admin/v1/docs"),
    ("processor", "Rendering", "PDF, previews, mail", "/render/v1/docs"),
]

STORES = [
    ("Broker (NATS)", "RESUMAX_NATS_URL"),
    ("Object store (S3)", "RESUMAX_S3_ENDPOINT"),
    ("Mail server (SMTP)", "PROCESSOR_SMTP_URL"),
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


@dataclass(frozen=True)
class Store:
    """What the services stand on: whether anything takes connections at its address."""

    name: str
    address: str
    state: str


def of_stores(environ: Mapping[str, str]) -> list[Store]:
    """Broker, object store and mail server."""
    stores = [(name, environ.get(setting, "")) for name, setting in STORES]
    return [
        Store(name, address, "ready" if _takes_connections(address) else "down") for name, address in stores
    ]


def of_services(environ: Mapping[str, str]) -> list[Health]:
    """The services, in the order of `PARTS`."""
    addresses = [environ.get(f"RESUMAX_{part[0].upper()}_URL", "") for part in PARTS]
    with ThreadPoolExecutor(len(PARTS)) as pool:
        answers = list(pool.map(_ask, addresses))
    return [Health(*part, *answer) for part, answer in zip(PARTS, answers, strict=True)]


def _ask(address: str) -> tuple[str, str]:
    """State and what to say about it."""
    if not address.startswith("http://"):
        return "down", ""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=TIMEOUT):  # noqa: S310 (http, checked above)
            return "ready", ""
    except urllib.error.HTTPError as error:
        return "waiting", _reason(error.read(10_000))
    except (OSError, ValueError):
        return "down", ""


def _takes_connections(address: str) -> bool:
    try:
        parts = urlsplit(address)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=TIMEOUT):
            return True
    except (OSError, ValueError):
        return False


def _reason(body: bytes) -> str:
    """What a service that is not ready says is missing: names, each with why."""
    try:
        missing = json.loads(body)["missing"]
        return "; ".join(f"{name}: {why}" for name, why in missing.items())
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
