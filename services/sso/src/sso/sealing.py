"""Secrets at rest: AES-256-GCM under a key of their purpose, bound to what they belong to, so that none can be read
in the place of another."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sso.master_key import MasterKey

_NONCE = 12


class WrongEncryptionKey(Exception):
    """The database holds secrets that were sealed under another SSO_KEY_ENCRYPTION_KEY."""


class Sealer:
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
            raise WrongEncryptionKey(f"SSO_KEY_ENCRYPTION_KEY does not open the {self._purpose}") from None
