"""Who a mail is for, as something that can be kept: a hash under a key of ours.

Without the key, which is not in the database, a copy of the log tells nobody's address: a plain hash of one is found by
trying those that leaked elsewhere.
"""

import hmac

from common.sealing import MasterKey
from processor.mails.messages import recipient
from processor.mails.values import UnusableLetter


class Recipients:
    def __init__(self, master: MasterKey) -> None:
        self._key = master.derive("mail-recipients")

    def hash(self, address: str) -> str:
        """64 hexadecimal digits; the same for every spelling that mail servers take for one."""
        return hmac.digest(self._key, _normal(address).encode(), "sha256").hex()


def _normal(address: str) -> str:
    try:
        return str(recipient(address.strip())).lower()
    except UnusableLetter:
        return address.strip().lower()
