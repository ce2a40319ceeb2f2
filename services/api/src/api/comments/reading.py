"""What is read to answer about comments: the resume as its owner sees it, or as a link shows it."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.comments import listing, shaping
from api.comments.models import Comment
from api.comments.reviewing import Offered, Reviewing
from api.comments.schemas import CommentRead
from api.comments.views import View
from api.comments.writers import OWNER
from api.contents import writing
from api.resumes import service as resumes
from api.resumes.models import Resume
from api.shares import access, showing
from common import etags
from common.problems import Forbidden


class CommentsNotAllowed(Forbidden):
    code, title = "COMMENTS_NOT_ALLOWED", "This link takes no comments"


class ShareNotOpened(Forbidden):
    code, title = "SHARE_NOT_OPENED", "Open the link first"


class Reviewed(msgspec.Struct, frozen=True):
    """A link that takes comments, for a visitor who was admitted, and what it shows."""

    admitted: access.Admission
    offered: Offered

    @property
    def view(self) -> View:
        return self.offered.view


async def whole(db: AsyncSession, resume: Resume) -> View:
    """All that a resume says."""
    return View(await writing.read(db, resume), is_whole=True)


async def through(request: Request[Any, Any, Any], db: AsyncSession, slug: str) -> Reviewed:
    """Raises ShareNotFound, PasswordRequired, CommentsNotAllowed, ShareNotOpened."""
    admitted = await access.admit(request, db, slug)
    if not admitted.allow_comments:
        raise CommentsNotAllowed
    shared = await access.find(db, slug)
    if not access.has_opened(request, shared.share):
        raise ShareNotOpened("Read what it shows, which counts, and show the token from there.")
    reviewing: Reviewing = request.app.state.reviewing
    offered = reviewing.find(shared)
    if offered is None:
        shown = await showing.read(db, shared)
        offered = reviewing.keep(shared, View(shown.snapshot, is_whole=False))
    return Reviewed(admitted, offered)


async def answer(db: AsyncSession, root: Comment, *, owner_id: UUID) -> Response[CommentRead]:
    """A thread for the owner of the resume."""
    resume = await resumes.get(db, root.resume_id, owner_id=owner_id)
    [read] = shaping.owned(await listing.thread(db, root), await whole(db, resume), OWNER)
    return Response(read, headers={"ETag": etags.of(root.version)})
