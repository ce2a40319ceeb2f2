"""Asking before a code goes to what may be another app than the one that it claims to be (RFC 8252 section 8.6).

Any app on somebody's machine can claim a scheme or listen on a port, and a client without a secret proves nothing. So
its person confirms each sign-in, whatever they have granted before. What they confirmed is said by a mark in the
request that waited: signed, for this request alone (its PKCE challenge above all), in this session, and not for long.
"""

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from common.sealing import MasterKey
from sso.authorizations.requests import ARRIVED, CONFIRMED
from sso.clients import uris
from sso.clients.models import PUBLIC, OAuthClient

GOOD_FOR = timedelta(minutes=2)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Confirmations:
    """`issuer` is our own address: what is there too is ours, on a developer's machine as well."""

    def __init__(self, master: MasterKey, issuer: str) -> None:
        self._key, self._origin = master.derive("authorization-request-confirmations"), uris.origin(issuer)

    def are_needed(self, client: OAuthClient, redirect_uri: str) -> bool:
        """Whether nothing tells that what is at `redirect_uri` is the client."""
        if client.kind != PUBLIC or uris.origin(redirect_uri) == self._origin:
            return False
        parts = urlsplit(redirect_uri)
        return parts.scheme != "https" or parts.hostname in _LOOPBACK

    def marked(self, parameters: Mapping[str, str], session_id: UUID, at: datetime) -> dict[str, str]:
        """The request with a mark that says that it was confirmed in the session `at`."""
        seconds = str(int(at.timestamp()))
        return {**parameters, CONFIRMED: f"{seconds}.{self._signature(parameters, session_id, seconds)}"}

    def is_marked(self, parameters: Mapping[str, str], session_id: UUID, at: datetime) -> bool:
        """Whether the request has a mark of ours that is good still."""
        seconds, _, signature = parameters.get(CONFIRMED, "").partition(".")
        expected = self._signature(parameters, session_id, seconds)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            return False
        return datetime.fromtimestamp(int(seconds), UTC) > at - GOOD_FOR

    def _signature(self, parameters: Mapping[str, str], session_id: UUID, seconds: str) -> str:
        ours = {ARRIVED, CONFIRMED, "prompt"}
        told = sorted((name, value) for name, value in parameters.items() if name not in ours)
        text = urlencode([("", seconds), ("", str(session_id)), *told]).encode()
        return base64.urlsafe_b64encode(hmac.digest(self._key, text, "sha256")[:24]).decode()
