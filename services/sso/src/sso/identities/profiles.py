"""Who somebody is at another provider, as far as it says so: claims of OpenID Connect Core section 5.1, made fit for
our own accounts. Nothing of it is trusted but the subject, and the e-mail address where the provider verified it."""

import re
from typing import Any

import msgspec

from sso.fields import EMAIL_PATTERN, LONGEST_EMAIL
from sso.users.emails import email_key

_EMAIL = re.compile(EMAIL_PATTERN)
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST_NAME, _LONGEST_LOCALE, _LONGEST_SUBJECT = 200, 35, 255


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at `issuer`. `email` is empty where there is none; `is_verified` says that it is theirs."""

    issuer: str
    subject: str
    email: str = ""
    is_verified: bool = False
    name: str = ""
    locale: str = ""


class Claims(msgspec.Struct, kw_only=True):
    """What an ID token or a userinfo response says about somebody, in whatever types it does."""

    sub: str
    email: Any = None
    email_verified: Any = None
    name: Any = None
    preferred_username: Any = None
    locale: Any = None


def from_claims(issuer: str, claims: Claims) -> Profile:
    email = email_in(claims.email)
    return Profile(
        issuer=issuer,
        subject=claims.sub,
        email=email,
        # Some send the word instead of the value, LinkedIn among them.
        is_verified=bool(email) and (claims.email_verified is True or claims.email_verified == "true"),
        name=name_in(claims.name) or name_in(claims.preferred_username) or email.partition("@")[0],
        locale=_locale_in(claims.locale),
    )


def is_subject(value: str) -> bool:
    """Whether `value` can tell somebody from everybody else (OpenID Connect Core section 2)."""
    return 0 < len(value) <= _LONGEST_SUBJECT and value.isprintable()


def email_in(value: Any) -> str:
    """`value` if it is an e-mail address that we take, else nothing."""
    text = value.strip() if isinstance(value, str) else ""
    key = email_key(text)
    is_email = len(text) <= LONGEST_EMAIL and _EMAIL.match(text) is not None
    # Normalising can lengthen it, or bring forth a second `@`.
    return text if is_email and len(key) <= LONGEST_EMAIL and key.count("@") == 1 else ""


def name_in(value: Any) -> str:
    """`value` as the name of a person: one line, no longer than ours may be."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:_LONGEST_NAME].strip()


def _locale_in(value: Any) -> str:
    text = value.replace("_", "-") if isinstance(value, str) else ""
    return text if len(text) <= _LONGEST_LOCALE and _LOCALE.fullmatch(text) else ""
