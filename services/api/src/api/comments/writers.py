"""Who says something: the owner, somebody with an account, or somebody with a token that their first comment gave."""

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request
from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncSession

from api.comments import queries
from api.comments.models import Comment, Reviewer
from api.shares import access
from common.ids import new_id, new_token
from common.problems import FieldError, Problem
from common.tokens import Principal

HEADER = "x-reviewer-token"
_MARK = "rmxr_"
_KEPT_FOR = 365 * 24 * 3600
_READING = frozenset({"GET", "HEAD"})


class NameRequired(Problem):
    status, code, title = 422, "NAME_REQUIRED", "Say who you are"


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever asks or writes; a reviewer who has not written yet has no id. `share_id`: through that link."""

    is_owner: bool
    reviewer_id: UUID | None = None
    name: str | None = None
    share_id: UUID | None = None

    @property
    def kind(self) -> str:
        return "owner" if self.is_owner else "reviewer"

    def wrote(self, comment: Comment) -> bool:
        if self.is_owner:
            return comment.author == "owner"
        return self.reviewer_id is not None and comment.reviewer_id == self.reviewer_id


OWNER = Writer(is_owner=True)


async def known(request: Request[Any, Any, Any], db: AsyncSession, admitted: access.Admission) -> Writer:
    """Who asks through a link, as far as we know them."""
    user = _user(request)
    if user is not None and user == admitted.owner_id:
        return Writer(is_owner=True, share_id=admitted.share_id)
    found = await _reviewer(request, db, admitted.share_id, user)
    return _as_writer(admitted.share_id, found)


async def introduced(
    request: Request[Any, Any, Any], db: AsyncSession, admitted: access.Admission, name: str | None
) -> tuple[Writer, str | None]:
    """Who writes through a link, and the token of somebody who is new and has no account. The resume is held, so that
    nobody is new twice, or forgotten meanwhile. Raises NameRequired."""
    name = name.strip() if name else None
    user = _user(request)
    if user is not None and user == admitted.owner_id:
        return Writer(is_owner=True, share_id=admitted.share_id), None
    found = await _reviewer(request, db, admitted.share_id, user)
    if found is not None:
        found.name = name or found.name
        return _as_writer(admitted.share_id, found), None
    if not name:
        raise NameRequired(errors=[FieldError("$.name", "Give a name to be called by.")])
    token = None if user else _MARK + new_token()
    made = Reviewer(
        id=new_id(),
        share_id=admitted.share_id,
        user_id=user,
        token_sha256=_digest(token) if token else None,
        name=name,
    )
    db.add(made)
    await db.flush()
    return _as_writer(admitted.share_id, made), token


def cookie(request: Request[Any, Any, Any], share_id: UUID, token: str) -> Cookie:
    """The token, for a browser to keep (SECURITY 11)."""
    name, is_secure = _cookie_name(request, share_id)
    return Cookie(
        key=name, value=token, max_age=_KEPT_FOR, path="/", secure=is_secure, httponly=True, samesite="lax"
    )


def _as_writer(share_id: UUID, found: Reviewer | None) -> Writer:
    if found is None:
        return Writer(is_owner=False, share_id=share_id)
    return Writer(is_owner=False, reviewer_id=found.id, name=found.name, share_id=share_id)


def _user(request: Request[Any, Any, Any]) -> UUID | None:
    principal: Principal | None = request.scope.get("auth")
    return None if principal is None else principal.id


async def _reviewer(
    request: Request[Any, Any, Any], db: AsyncSession, share_id: UUID, user: UUID | None
) -> Reviewer | None:
    if user is not None:
        return await queries.reviewer(db, share_id, user_id=user)
    token = _shown(request, share_id)
    return await queries.reviewer(db, share_id, token_sha256=_digest(token)) if token else None


def _shown(request: Request[Any, Any, Any], share_id: UUID) -> str | None:
    """The token that comes with a request. A cookie goes along by itself, so that it counts for no change that the page
    of somebody else asks for (SECURITY 14)."""
    if token := request.headers.get(HEADER):
        return token
    if request.method in _READING or access.comes_from_us(request, request.app.state.settings):
        return request.cookies.get(_cookie_name(request, share_id)[0])
    return None


def _cookie_name(request: Request[Any, Any, Any], share_id: UUID) -> tuple[str, bool]:
    """The name of the cookie of a link, and whether it goes over TLS alone."""
    is_secure = access.is_secure(request.app.state.settings)
    name = f"resumax_reviewer_{share_id.hex[-16:]}"
    return (f"__Host-{name}" if is_secure else name), is_secure


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
