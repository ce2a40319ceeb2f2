"""Who may see what a link shows: the one place that admits visitors.

Every request is decided by the link as it is in the database, so that a revocation, an expiry, the last of its views or
a new password count at once, at every replica, and for those who were admitted before.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import Request
from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncSession

from api.resumes.models import Resume
from api.shares import passes, queries, slugs
from api.shares.models import Share
from common.ids import now
from common.problems import Forbidden, NotFound
from common.settings import ServiceSettings

HEADER = "x-share-token"
COOKIE_FOR = passes.GOOD_FOR["visit"]
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_READING = frozenset({"GET", "HEAD"})


class ShareNotFound(NotFound):
    """There is no such link, or not any more: nobody learns which."""

    title = "Link not found"


class PasswordRequired(Forbidden):
    code, title = "SHARE_PASSWORD_REQUIRED", "This link asks for a password"


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """A link that works, and what a page has to know of its resume."""

    share: Share
    resume_version: int
    updated_at: datetime
    language: str
    direction: str

    @property
    def source(self) -> str:
        """Names all that is shown: another one with every change of the resume, or of what the link shows of it."""
        share = self.share
        what = f"version.{share.version_id}" if share.version_id else f"resume.{self.resume_version}"
        return what if share.show_contact else f"{what}.without-contact"


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """A visitor of a link: what they see is the resume as it is now, or one version of it."""

    share_id: UUID
    resume_id: UUID
    owner_id: UUID
    version_id: UUID | None
    allow_comments: bool
    allow_download: bool
    show_contact: bool


async def find(db: AsyncSession, slug: str, *, spent_too: bool = False) -> Shared:
    """The link with that slug, if it works; `spent_too`: or if it was opened as often as it may be.

    Raises ShareNotFound.
    """
    name = slugs.normal(slug)
    found = await queries.by_slug(db, name) if name else None
    if found is None or not is_open(found[0], at=now(), spent_too=spent_too):
        raise ShareNotFound
    share, version, updated_at, language, direction = found
    return Shared(
        share=share,
        resume_version=version,
        updated_at=updated_at,
        language=language,
        direction=direction,
    )


def shared(share: Share, resume: Resume) -> Shared:
    return Shared(
        share=share,
        resume_version=resume.version,
        updated_at=resume.updated_at,
        language=resume.language,
        direction=resume.direction,
    )


def is_open(share: Share, *, at: datetime, spent_too: bool = False) -> bool:
    """Whether the link works: not revoked, not over, not opened as often as it may be."""
    is_spent = not spent_too and share.max_views is not None and share.opens >= share.max_views
    is_over = share.expires_at is not None and share.expires_at <= at
    return share.revoked_at is None and not is_spent and not is_over


def is_for_everybody(share: Share) -> bool:
    """Whether whoever has the link sees what it shows, any number of times: also programs, and what they keep of it."""
    return share.password_hash is None and share.max_views is None


def is_indexed(share: Share) -> bool:
    """Whether search engines may find it."""
    return share.indexable and is_for_everybody(share)


def is_admitted(request: Request[Any, Any, Any], share: Share) -> bool:
    """Whether the link asks for no password, or the visitor shows a pass for it."""
    return share.password_hash is None or _shows(request, share, "visit", "view")


def has_opened(request: Request[Any, Any, Any], share: Share) -> bool:
    """Whether what tells of the resume may be shown beside it: where openings are bounded, to who has taken one."""
    return share.max_views is None or _shows(request, share, "view")


def _shows(request: Request[Any, Any, Any], share: Share, *purposes: passes.Purpose) -> bool:
    shown = _shown(request, share)
    return shown is not None and any(passes.is_good(share.key, each, shown, at=now()) for each in purposes)


async def admit(request: Request[Any, Any, Any], db: AsyncSession, slug: str) -> Admission:
    """The visitor of the link with that slug. Raises ShareNotFound, PasswordRequired."""
    share = (await find(db, slug)).share
    if not is_admitted(request, share):
        raise PasswordRequired("Send the password to `POST /api/v1/shared/{slug}/access` first.")
    return Admission(
        share_id=share.id,
        resume_id=share.resume_id,
        owner_id=share.owner_id,
        version_id=share.version_id,
        allow_comments=share.allow_comments,
        allow_download=share.allow_download,
        show_contact=share.show_contact,
    )


def issue(share: Share, purpose: passes.Purpose = "visit") -> str:
    """A pass for the link, for programs to show in `X-Share-Token`."""
    return passes.issued(share.key, purpose, at=now())


def is_for_comments(share: Share) -> bool:
    """Whether an opening gives a pass, which comments ask for; it stands for the password too."""
    return share.allow_comments and share.max_views is not None


def cookie(share: Share, settings: ServiceSettings, purpose: passes.Purpose = "visit") -> Cookie:
    """A pass for the link, for a browser to keep (SECURITY 11)."""
    return Cookie(
        key=_cookie_name(share, settings),
        value=issue(share, purpose),
        max_age=int(COOKIE_FOR / timedelta(seconds=1)),
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="lax",
    )


def _shown(request: Request[Any, Any, Any], share: Share) -> str | None:
    """The pass that comes with a request. A cookie goes along by itself, so that it counts for no change that the page
    of somebody else asks for (SECURITY 14)."""
    if token := request.headers.get(HEADER):
        return token
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer.strip().startswith(passes.MARK):
        return bearer.strip()
    settings: ServiceSettings = request.app.state.settings
    if request.method in _READING or comes_from_us(request, settings):
        return request.cookies.get(_cookie_name(share, settings))
    return None


def comes_from_us(request: Request[Any, Any, Any], settings: ServiceSettings) -> bool:
    """Whether one of our own pages sent the request, by its `Origin`."""
    public = urlsplit(settings.issuer)
    is_ours = request.headers.get("origin") == f"{public.scheme}://{public.netloc}"
    return is_ours and request.headers.get("sec-fetch-site") != "cross-site"


def _cookie_name(share: Share, settings: ServiceSettings) -> str:
    name = f"resumax_share_{share.id.hex[-16:]}"
    return f"__Host-{name}" if is_secure(settings) else name


def is_secure(settings: ServiceSettings) -> bool:
    public = urlsplit(settings.issuer)
    return not (public.scheme == "http" and public.hostname in _LOCAL)
