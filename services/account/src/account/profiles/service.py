"""The rules of profiles: one for each person who registered, made by the SSO's word, edited by its owner."""

from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
import structlog
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from account.profiles import queries
from account.profiles.models import Profile
from account.profiles.schemas import ProfileUpdate
from common import etags
from common.contracts.profiles import ProfilePut
from common.ids import now
from common.problems import FieldError, Problem, ValidationFailed

log = structlog.get_logger()

TIMEZONES = frozenset({"UTC", *available_timezones()})


class ProfileNotReady(Problem):
    status, code, title = 404, "PROFILE_NOT_READY", "The profile is not there yet"

    def __init__(self) -> None:
        super().__init__(
            "The profile is made a moment after the registration; try again shortly.",
            headers={"Retry-After": "1"},
        )


async def put(db: AsyncSession, *, user_id: UUID, data: ProfilePut, timezone: str) -> None:
    """Make the profile of somebody who registered. Again: only the address follows, what the owner edited stays."""
    profile = await queries.find_for_update(db, user_id=user_id)
    if profile is None:
        db.add(
            Profile(user_id=user_id, email=data.email, name=data.name, locale=data.locale, timezone=timezone)
        )
        log.info("profile_created", user_id=str(user_id))
    elif profile.email != data.email:
        profile.email = data.email
        _touch(profile)


async def get(db: AsyncSession, *, user_id: UUID) -> Profile:
    """The profile of a user. Raises ProfileNotReady while the SSO's call has not arrived."""
    profile = await queries.find(db, user_id=user_id)
    if profile is None:
        raise ProfileNotReady
    return profile


async def update(db: AsyncSession, *, user_id: UUID, data: ProfileUpdate, if_match: str | None) -> Profile:
    """Change what `data` holds. Raises VersionConflict if `if_match` names another version, ValidationFailed."""
    profile = await queries.find_for_update(db, user_id=user_id)
    if profile is None:
        raise ProfileNotReady
    etags.require(if_match, profile.version)
    _check(data)
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    changed = {name: value for name, value in given.items() if value != getattr(profile, name)}
    for name, value in changed.items():
        setattr(profile, name, value)
    if changed:
        _touch(profile)
        log.info("profile_updated", user_id=str(user_id), fields=sorted(changed))
    return profile


def _touch(profile: Profile) -> None:
    profile.version += 1
    profile.updated_at = now()


def _check(data: ProfileUpdate) -> None:
    """What the types of the fields cannot say."""
    errors = []
    if isinstance(data.timezone, str) and data.timezone not in TIMEZONES:
        errors.append(FieldError("$.timezone", "Not a time zone of the IANA database"))
    if isinstance(data.website, str) and not _is_web_address(data.website):
        errors.append(FieldError("$.website", "Not an http or https address"))
    if isinstance(data.name, str) and not data.name.strip():
        errors.append(FieldError("$.name", "Must not be blank"))
    if errors:
        raise ValidationFailed(f"{errors[0].path}: {errors[0].message}", errors=errors)


def _is_web_address(text: str) -> bool:
    """Whether `text` is an absolute http(s) URL without a user name, which would dress one host up as another."""
    try:
        url = urlsplit(text)
        port_is_fine = url.port != 0
    except ValueError:
        return False
    named = bool(url.hostname) and url.username is None and not any(c.isspace() or c == "\\" for c in text)
    return url.scheme in {"http", "https"} and named and port_is_fine
