"""Links to unsubscribe (RFC 2369, RFC 8058): whoever has one may stop mails of one category to one address, or let them
come again, and learns nothing else. It names no address, needs no session and does not expire, as laws ask for."""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from common.sealing import MasterKey
from processor.mails.kinds import Category

PATH = "/unsubscribe"
_MAC = 16


class Unsubscribing(msgspec.Struct, frozen=True, array_like=True):
    """What a link is about; `language` is that of the mail."""

    recipient: bytes
    category: Category
    language: str


class InvalidToken(Exception):
    """Cut off, mistyped or made up."""


class Links:
    """`home` is the public address of the platform."""

    def __init__(self, master: MasterKey, home: str) -> None:
        self._key, self._home = master.derive("unsubscribe"), home

    def link(self, recipient: str, category: Category, *, language: str) -> str:
        """The address of the page for a recipient (its hash)."""
        about = Unsubscribing(bytes.fromhex(recipient), category, language)
        return f"{self._home}{PATH}?token={self.token(about)}"

    def token(self, about: Unsubscribing) -> str:
        payload = msgspec.msgpack.encode(about)
        return urlsafe_b64encode(payload + self._mac(payload)).decode().rstrip("=")

    def read(self, token: str) -> Unsubscribing:
        """Raises InvalidToken."""
        try:
            signed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            raise InvalidToken from None
        payload, mac = signed[:-_MAC], signed[-_MAC:]
        if not hmac.compare_digest(mac, self._mac(payload)):
            raise InvalidToken
        return msgspec.msgpack.decode(payload, type=Unsubscribing)

    def _mac(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")[:_MAC]
