"""Which passwords are accepted (NIST SP 800-63B-4 section 3.1.1.2): length, and nothing that the account tells."""

import re
import unicodedata

from common.problems import FieldError, Problem

LONGEST = 128
LONGEST_BYTES = 1024
LEAST_OF_ONES_OWN = 6
"""Characters that must be left once everything that the account tells is taken out."""

PRODUCT = "resumax"


class PasswordRefused(Problem):
    status, code, title = 400, "PASSWORD_REFUSED", "Choose another password"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, errors=[FieldError("$.password", reason)])


def as_hashed(password: str) -> bytes:
    """What is hashed: NFKC, so that a password is the same from every keyboard; cut far beyond what is accepted."""
    return unicodedata.normalize("NFKC", password).encode()[: LONGEST_BYTES + 1]


def check(password: str, *, email: str, name: str, min_length: int) -> None:
    """Raises PasswordRefused if `password` is too short, too long, or made of the e-mail, the name or the product."""
    normal = unicodedata.normalize("NFKC", password)
    if len(normal) < min_length:
        raise PasswordRefused(f"A password needs at least {min_length} characters.")
    if len(normal) > LONGEST or len(normal.encode()) > LONGEST_BYTES:
        raise PasswordRefused(f"A password has at most {LONGEST} characters.")
    if len(_without(normal, f"{email} {name} {PRODUCT}")) < LEAST_OF_ONES_OWN:
        raise PasswordRefused("A password must not be made of the e-mail address, the name or the product.")


def _without(password: str, told: str) -> str:
    """The letters and digits of `password` that are no part of what is `told`; its longest words go first."""
    left = password.casefold()
    words = {word for word in re.split(r"\W+|_", _folded(told)) if len(word) >= 3}
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return "".join(c for c in left if not c.isspace() and c not in "@.-_")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
