"""Which passwords are accepted (NIST SP 800-63B-4 section 3.1.1.2): length, nothing that the account tells, and none
that everybody tries first. What characters it is made of is nobody's business."""

import re
import unicodedata
from typing import Literal

from common.problems import FieldError, Problem
from sso.passwords.common_passwords import is_common

LONGEST = 128
LONGEST_BYTES = 1024
LEAST_OF_ONES_OWN = 6
"""Characters that must be left once everything that the account tells is taken out."""

PRODUCT = "resumax"

Reason = Literal["too_short", "too_long", "personal", "common", "breached", "unchanged"]


class PasswordRefused(Problem):
    """`reason` says why to programs, the detail to people; `field` is the field of the request it came in."""

    status, code, title = 400, "PASSWORD_REFUSED", "Choose another password"

    def __init__(self, reason: Reason, detail: str, *, field: str = "password") -> None:
        super().__init__(detail, errors=[FieldError(f"$.{field}", detail)])
        self.reason = reason


def as_hashed(password: str) -> bytes:
    """What is hashed: NFKC, so that a password is the same from every keyboard; cut far beyond what is accepted."""
    return unicodedata.normalize("NFKC", password).encode()[: LONGEST_BYTES + 1]


def check(password: str, *, email: str, name: str, min_length: int, field: str = "password") -> None:
    """Raises PasswordRefused if `password` is too short or too long, made of the e-mail, the name or the product, or
    one of the common ones."""
    normal = unicodedata.normalize("NFKC", password)
    if len(normal) < min_length:
        raise PasswordRefused("too_short", f"A password needs at least {min_length} characters.", field=field)
    if len(normal) > LONGEST or len(normal.encode()) > LONGEST_BYTES:
        raise PasswordRefused("too_long", f"A password has at most {LONGEST} characters.", field=field)
    if len(_without(normal, f"{email} {name} {PRODUCT}")) < LEAST_OF_ONES_OWN:
        detail = "A password must not be made of the e-mail address, the name or the product."
        raise PasswordRefused("personal", detail, field=field)
    if is_common(_folded(normal)):
        raise PasswordRefused(
            "common",
            "This password is one of those that are tried first, because many people use it.",
            field=field,
        )


def _without(password: str, told: str) -> str:
    """The letters and digits of `password` that are no part of what is `told`; its longest words go first."""
    left = password.casefold()
    words = {word for word in re.split(r"\W+|_", _folded(told)) if len(word) >= 3}
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return "".join(c for c in left if not c.isspace() and c not in "@.-_")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
