"""What a visitor shows instead of the password: how long it is good for, signed with the key of the link.

A link's key is new with every password and with its revocation, so that what was given out before is worth nothing.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import datetime, timedelta
from typing import Literal

Purpose = Literal["visit", "view", "file"]

MARK = "rmxs_"
"""What every pass begins with, so that it is told from an access token in the same header."""
GOOD_FOR: dict[Purpose, timedelta] = {
    "visit": timedelta(hours=8),
    "view": timedelta(hours=8),
    "file": timedelta(minutes=15),
}
"""`visit` was given for the password, `view` for one of the openings of a link that may be opened so often only."""
_MAC = 25


def issued(key: bytes, purpose: Purpose, *, at: datetime) -> str:
    """A pass for the link whose `key` this is."""
    until = struct.pack(">Q", int((at + GOOD_FOR[purpose]).timestamp()))
    return MARK + base64.urlsafe_b64encode(until + _mac(key, purpose, until)).decode()


def is_good(key: bytes, purpose: Purpose, shown: str, *, at: datetime) -> bool:
    """Whether `shown` was issued under `key` for this purpose, and is not over."""
    try:
        raw = base64.b64decode(shown.removeprefix(MARK).encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    until, mac = raw[:8], raw[8:]
    if len(until) != 8 or not hmac.compare_digest(mac, _mac(key, purpose, until)):
        return False
    return int(struct.unpack(">Q", until)[0]) > at.timestamp()


def _mac(key: bytes, purpose: Purpose, until: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\0" + until, hashlib.sha256)[:_MAC]
