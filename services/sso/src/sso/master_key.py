"""The one key that the environment gives (SSO_KEY_ENCRYPTION_KEY), and the keys for each purpose derived from it."""

import base64
import binascii

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from common.settings import DEVELOPMENT_MARK, Secret


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
