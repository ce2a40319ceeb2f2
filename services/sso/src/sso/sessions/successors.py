"""Refresh tokens: 256 bits, stored as SHA-256, and a successor that can be made again but is stored nowhere.

The successor of a token is HMAC-SHA256 of the token and a fresh random salt, under a key of the server. Whoever shows
the token again within the window of replay gets the same successor: the salt is in its row. Making it takes all
three of the database, the server's key and the token before it.
"""

import base64
import hashlib
import hmac
import secrets

from common.sealing import MasterKey


def sha256(token: str) -> bytes:
    """What a token is stored as. A plain hash will do, because a token cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()


def new_salt() -> bytes:
    return secrets.token_bytes(32)


class Successors:
    def __init__(self, master: MasterKey) -> None:
        self._key = master.derive("refresh-token-successors")

    def of(self, token: str, salt: bytes) -> str:
        """The token that follows `token`."""
        derived = hmac.digest(self._key, salt + token.encode(), "sha256")
        return base64.urlsafe_b64encode(derived).decode().rstrip("=")
