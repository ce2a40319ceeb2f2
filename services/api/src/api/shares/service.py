"""Links that show a resume to others: made, changed and ended by its owner."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.resumes import service as resumes
from api.resumes.models import Resume
from api.shares import files, queries, slugs
from api.shares.models import Share, SpentSlug
from api.shares.schemas import ShareCreate, ShareRead, ShareUpdate, Status
from api.shares.slugs import SlugTaken
from api.versions import service as versions
from common import etags
from common.ids import new_id, now
from common.problems import FieldError, NotFound, Problem, ValidationFailed

MOST = 100
"""Links of one resume that work at once."""
MOST_SLUGS = 200
"""Names that one user ever chose: each is lost to everybody else for good."""
_KEY = 32
_KEPT = ("label", "max_views", "allow_download", "allow_comments", "indexable", "show_contact", "expires_at")


class ShareMissing(NotFound):
    title = "Share not found"


class ShareRevoked(Problem):
    status, code, title = 409, "SHARE_REVOKED", "The link was revoked, which is for good"


class TooManyShares(Problem):
    status, code, title = 409, "TOO_MANY_SHARES", "The resume has as many links as it may have"


class TooManySlugs(Problem):
    status, code, title = 422, "TOO_MANY_SLUGS", "You have chosen as many names as you may"

    def __init__(self) -> None:
        message = f"There are at most {MOST_SLUGS}; choose one that was yours before, or let it be drawn."
        super().__init__(message, errors=[FieldError("$.slug", message)])


async def create(
    db: AsyncSession, resume_id: UUID, *, owner_id: UUID, data: ShareCreate, password_hash: str | None
) -> Share:
    """Raises ResumeNotFound, VersionNotFound, SlugTaken, SlugReserved, TooManySlugs,
    TooManyShares."""
    _check_time(data.expires_at)
    resume = await resumes.hold(db, resume_id, owner_id=owner_id)
    if data.version_id is not None:
        await _require_version(db, data.version_id, resume_id=resume.id, owner_id=owner_id)
    if await queries.count(db, resume.id) >= MOST:
        raise TooManyShares(f"There are at most {MOST}; revoke one that nobody needs.")
    share = Share(
        id=new_id(),
        resume_id=resume.id,
        owner_id=owner_id,
        version_id=data.version_id,
        slug=slugs.drawn() if data.slug is None else await _claim(db, data.slug, owner_id=owner_id),
        password_hash=password_hash,
        key=secrets.token_bytes(_KEY),
        **{name: getattr(data, name) for name in _KEPT},
    )
    db.add(share)
    try:
        await db.flush()
    except IntegrityError as error:  # somebody else was quicker
        raise SlugTaken from error
    await files.draw(db, resume, share)
    return share


async def _claim(db: AsyncSession, wanted: str, *, owner_id: UUID) -> str:
    """The slug, taken off a revoked link of the same owner if need be; nobody else ever gets it, not even once the
    link is deleted."""
    slug = slugs.chosen(wanted)
    spender = await queries.spender(db, slug)
    if spender not in {None, owner_id}:
        raise SlugTaken
    if spender is None:
        if await queries.count_spent(db, owner_id) >= MOST_SLUGS:
            raise TooManySlugs
        db.add(SpentSlug(slug=slug, owner_id=owner_id))
    holder = await queries.with_slug(db, slug)
    if holder is not None:
        if holder.owner_id != owner_id or holder.revoked_at is None:
            raise SlugTaken
        holder.slug = None
        holder.version += 1
        await db.flush()
    return slug


async def _require_version(db: AsyncSession, version_id: UUID, *, resume_id: UUID, owner_id: UUID) -> None:
    version = await versions.get(db, version_id, owner_id=owner_id)
    if version.resume_id != resume_id:
        raise versions.VersionNotFound


def _check_time(expires_at: object) -> None:
    if isinstance(expires_at, datetime) and expires_at <= now():
        message = "The time is over already."
        raise ValidationFailed(message, errors=[FieldError("$.expiresAt", message)])


async def get(db: AsyncSession, share_id: UUID, *, owner_id: UUID) -> Share:
    share = await queries.find(db, share_id, owner_id=owner_id)
    if share is None:
        raise ShareMissing
    return share


async def update(
    db: AsyncSession,
    share_id: UUID,
    *,
    owner_id: UUID,
    data: ShareUpdate,
    password_hash: str | None,
    if_match: str | None,
) -> Share:
    """`password_hash` is of the new password, if there is one. Raises ShareMissing, ShareRevoked, VersionConflict."""
    _check_time(data.expires_at)
    resume = await _hold_resume(db, share_id, owner_id=owner_id)
    share = await _to_change(db, share_id, owner_id=owner_id, if_match=if_match)
    if share.revoked_at is not None:
        raise ShareRevoked
    changes: dict[str, Any] = {
        name: value for name in (*_KEPT, "version_id") if (value := getattr(data, name)) is not UNSET
    }
    if (version_id := changes.get("version_id")) is not None:
        await _require_version(db, version_id, resume_id=share.resume_id, owner_id=owner_id)
    if data.password is not UNSET:
        changes |= {"password_hash": password_hash, "key": secrets.token_bytes(_KEY)}
    _apply(share, changes)
    await files.draw(db, resume, share)
    return share


async def _hold_resume(db: AsyncSession, share_id: UUID, *, owner_id: UUID) -> Resume:
    """The resume of a link, held before the link is, as whatever changes both does."""
    resume_id = await queries.resume_of(db, share_id, owner_id=owner_id)
    if resume_id is None:
        raise ShareMissing
    return await resumes.hold(db, resume_id, owner_id=owner_id)


async def revoke(db: AsyncSession, share_id: UUID, *, owner_id: UUID, if_match: str | None) -> None:
    """End a link, at once and for good; it stays for its statistics. Once more changes nothing."""
    share = await _to_change(db, share_id, owner_id=owner_id, if_match=if_match)
    if share.revoked_at is None:
        _apply(share, {"revoked_at": now(), "key": secrets.token_bytes(_KEY)})


async def _to_change(db: AsyncSession, share_id: UUID, *, owner_id: UUID, if_match: str | None) -> Share:
    share = await queries.hold(db, share_id, owner_id=owner_id)
    if share is None:
        raise ShareMissing
    etags.require(if_match, share.version)
    return share


def _apply(share: Share, changes: dict[str, Any]) -> None:
    if any(getattr(share, name) != value for name, value in changes.items()):
        for name, value in changes.items():
            setattr(share, name, value)
        share.version += 1
        share.updated_at = now()


def status(share: Share, *, at: datetime) -> Status:
    if share.revoked_at is not None:
        return "revoked"
    if share.expires_at is not None and share.expires_at <= at:
        return "expired"
    return "spent" if share.max_views is not None and share.opens >= share.max_views else "active"


def address(share: Share, public_url: str) -> str | None:
    return f"{public_url}/r/{share.slug}" if share.slug else None


def shape(share: Share, public_url: str) -> ShareRead:
    same = (
        "id",
        "resume_id",
        "slug",
        "opens",
        "version_id",
        "version",
        "created_at",
        "updated_at",
        "revoked_at",
    )
    return ShareRead(
        **{name: getattr(share, name) for name in (*same, *_KEPT)},
        url=address(share, public_url),
        status=status(share, at=now()),
        has_password=share.password_hash is not None,
    )
