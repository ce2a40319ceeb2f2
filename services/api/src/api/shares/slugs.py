"""The names of links under `/r/`: drawn so that nobody guesses them, or chosen."""

import base64
import re
import secrets

from common.problems import FieldError, Problem

_BITS = 160
_DRAWN = re.compile(r"[a-z2-7]{32}")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,62}[a-z0-9])")

_WORDS = """
    about account admin api app assets auth billing blog contact dashboard demo docs download edit embed error
    example export favicon health help home imprint internal jobs legal login logout mail metrics news oauth2 press
    pricing privacy public register render resume resumax resumes robots root search security settings share shared
    shares signin signup sitemap staff static status support system team terms test user users www
"""
RESERVED = frozenset(_WORDS.split())
"""Words that would make a link look like a page of the platform's own."""


class SlugTaken(Problem):
    status, code, title = 409, "SLUG_TAKEN", "This name is taken"

    def __init__(self) -> None:
        message = "Choose another name for the link."
        super().__init__(message, errors=[FieldError("$.slug", message)])


class SlugReserved(Problem):
    status, code, title = 422, "SLUG_RESERVED", "This name is kept for the platform"

    def __init__(self) -> None:
        message = "Choose another name for the link."
        super().__init__(message, errors=[FieldError("$.slug", message)])


def drawn() -> str:
    """A new slug of 160 random bits; of lower-case letters and digits, because case does not tell slugs apart."""
    return base64.b32encode(secrets.token_bytes(_BITS // 8)).decode().lower()


def chosen(slug: str) -> str:
    """A slug that somebody asked for, as it is kept. Raises SlugReserved.

    None that looks drawn: it may have been drawn for somebody else, whose link is deleted.
    """
    normal = slug.lower()
    if normal in RESERVED or normal.startswith("resumax") or _DRAWN.fullmatch(normal):
        raise SlugReserved
    return normal


def normal(text: str) -> str | None:
    """What is in an address, as slugs are kept; None if it cannot be one."""
    slug = text.lower()
    return slug if len(text) <= 64 and _SLUG.fullmatch(slug) else None
