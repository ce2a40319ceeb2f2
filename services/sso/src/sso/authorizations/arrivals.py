"""When an authorization request came first: a mark that travels with it through our pages.

A client may ask that its person signs in again for it (`prompt=login`). The request itself comes back afterwards, so
something has to say that it was done: it was, if the session's owner was authenticated since the request came first.
The mark is signed, and for this request alone.
"""

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from common.sealing import MasterKey
from sso.authorizations.requests import ARRIVED, CONFIRMED

GOOD_FOR = timedelta(minutes=10)
"""To sign in, and for how old that may be, whatever `max_age` says: nobody is asked twice in a row."""
_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Arrivals:
    def __init__(self, master: MasterKey) -> None:
        self._key = master.derive("authorization-request-arrivals")

    def marked(self, parameters: Mapping[str, str], at: datetime) -> dict[str, str]:
        """The request with a mark that says that it came `at`, unless it has a good one."""
        if self.of(parameters, at) is not None:
            return dict(parameters)
        since_epoch = str((at - _EPOCH) // _MILLISECOND)
        mark = f"{since_epoch}.{self._signature(parameters, since_epoch)}"
        return {**parameters, ARRIVED: mark}

    def of(self, parameters: Mapping[str, str], at: datetime) -> datetime | None:
        """When the request came first, if it has a mark of ours that is good still."""
        since_epoch, _, signature = parameters.get(ARRIVED, "").partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(parameters, since_epoch).encode()):
            return None
        arrived = _EPOCH + int(since_epoch) * _MILLISECOND
        return arrived if arrived > at - GOOD_FOR else None

    def _signature(self, parameters: Mapping[str, str], since_epoch: str) -> str:
        """Of the request but for its prompt, which gets shorter as its person is asked."""
        ours = {ARRIVED, CONFIRMED, "prompt"}
        told = sorted((name, value) for name, value in parameters.items() if name not in ours)
        text = urlencode([("", since_epoch), *told]).encode()
        return base64.urlsafe_b64encode(hmac.digest(self._key, text, "sha256")[:24]).decode()
