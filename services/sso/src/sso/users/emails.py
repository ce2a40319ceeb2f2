"""When two e-mail addresses are the same account."""

import unicodedata


def email_key(email: str) -> str:
    """`email` trimmed, in one Unicode form and without case: equal keys are one account."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", email.strip()).casefold())
