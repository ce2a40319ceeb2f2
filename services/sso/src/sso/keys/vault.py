"""Signing keys at rest: PKCS #8, sealed, bound to their key id (SECURITY 16)."""

from joserfc.jwk import RSAKey

from common.sealing import MasterKey, Sealer


class Vault:
    def __init__(self, master: MasterKey) -> None:
        self._sealer = Sealer(master, "signing-keys")

    def seal(self, kid: str, key: RSAKey) -> bytes:
        return self._sealer.seal(key.as_der(private=True), owner=kid.encode())

    def open(self, kid: str, sealed: bytes) -> RSAKey:
        """The private key. Raises WrongEncryptionKey (`common.sealing`)."""
        der = self._sealer.open(sealed, owner=kid.encode())
        return RSAKey.import_key(der, {"kid": kid, "use": "sig", "alg": "RS256"})
