"""How what proves a second factor is kept: the secrets of apps sealed, recovery codes hashed, each under a key of its
own derived from the one of the environment. Without it, a copy of the database proves nothing."""

import hmac
from uuid import UUID

from common.sealing import MasterKey, Sealer


class FactorSecrets:
    def __init__(self, master: MasterKey) -> None:
        self._totp = Sealer(master, "totp-secrets")
        self._recovery_codes = master.derive("recovery-codes")

    def seal_totp(self, secret: str, *, user_id: UUID) -> bytes:
        return self._totp.seal(secret.encode(), owner=user_id.bytes)

    def open_totp(self, sealed: bytes, *, user_id: UUID) -> str:
        return self._totp.open(sealed, owner=user_id.bytes).decode()

    def hash_recovery_code(self, code: str, *, user_id: UUID) -> bytes:
        """What a code is stored as. It can be guessed no faster than it is tried here, so the hash may be quick."""
        return hmac.digest(self._recovery_codes, user_id.bytes + code.encode(), "sha256")
