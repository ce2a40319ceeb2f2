"""Secrets at rest: one key from the environment, a key of each purpose derived from it, and what is sealed under that."""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from common.settings import DEVELOPMENT_MARK, Secret

_NONCE = 12


class WrongEncryptionKey(Exception):
    """The database holds secrets that were sealed under another key than that of the environment."""


class MasterKey:
    """32 bytes as base64url; development keys carry a `dev-` in front. Raises ValueError for anything else."""

    def __init__(self, secret: Secret) -> None:
        encoded = secret.reveal().removeprefix(DEVELOPMENT_MARK)
        try:
            key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("not base64url") from None
        if len(key) != 32:
            raise ValueError("not 32 bytes in base64url")
        self._key = key

    def derive(self, purpose: str) -> bytes:
        """A 256-bit key for one purpose alone (HKDF-SHA256, RFC 5869)."""
        return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(self._key)


class Sealer:
    """AES-256-GCM under a key of its purpose, bound to what the secrets belong to, so that none can be read in the place
    of another."""

    def __init__(self, master: MasterKey, purpose: str) -> None:
        self._purpose, self._cipher = purpose, AESGCM(master.derive(purpose))

    def seal(self, secret: bytes, *, owner: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, owner)

    def open(self, sealed: bytes, *, owner: bytes) -> bytes:
        """The secret of `owner`. Raises WrongEncryptionKey."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], owner)
        except InvalidTag:
            raise WrongEncryptionKey(
                f"the key of the environment does not open the {self._purpose}"
            ) from None
