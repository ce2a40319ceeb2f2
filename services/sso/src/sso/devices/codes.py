"""User codes: what somebody reads off one device and types on another (RFC 8628 section 6.1).

Eight letters out of twenty, 34 bits: enough for ten minutes and a few attempts (section 5.1), and no vowels that make
words. They are stored under a key of the server, because so few could be tried out against a stolen table.
"""

import hmac
import secrets

from common.sealing import MasterKey

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8


class UserCodes:
    def __init__(self, master: MasterKey) -> None:
        self._key = master.derive("device-user-codes")

    @staticmethod
    def new() -> str:
        """A fresh one, as it is shown: `WDJB-MJHT`."""
        letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        return shown(letters)

    def hash(self, code: str) -> bytes | None:
        """What `code` is stored as, however it was typed; None if it cannot be one."""
        letters = read(code)
        return hmac.digest(self._key, letters.encode(), "sha256") if len(letters) == LENGTH else None


def read(code: str) -> str:
    """The letters of `code`: case and what stands between them do not count (section 6.1)."""
    return "".join(letter for letter in code.upper() if letter in ALPHABET)


def shown(letters: str) -> str:
    return f"{letters[: LENGTH // 2]}-{letters[LENGTH // 2 :]}"
