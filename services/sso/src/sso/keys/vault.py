"""Signing keys at rest: PKCS #8 under AES-256-GCM, bound to their key id (SECURITY 16)."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import RSAKey

from sso.master_key import MasterKey

_NONCE = 12


class WrongEncryptionKey(Exception):
    """The database holds keys that were sealed under another SSO_KEY_ENCRYPTION_KEY."""


class Vault:
    def __init__(self, master: MasterKey) -> None:
        self._cipher = AESGCM(master.derive("signing-keys"))

    def seal(self, kid: str, key: RSAKey) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, key.as_der(private=True), kid.encode())

    def open(self, kid: str, sealed: bytes) -> RSAKey:
        """The private key. Raises WrongEncryptionKey."""
        try:
            der = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], kid.encode())
        except InvalidTag:
            raise WrongEncryptionKey("SSO_KEY_ENCRYPTION_KEY does not open the signing keys") from None
        return RSAKey.import_key(der, {"kid": kid, "use": "sig", "alg": "RS256"})
