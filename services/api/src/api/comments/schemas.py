"""Comments as they go in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from api.comments import pointers
from common.schemas import NO_CONTROL_CHARACTERS, Command, Schema

Target = Literal["resume", "basics", "section", "item"]
SuggestionState = Literal["open", "accepted", "rejected", "outdated"]
LONGEST_TEXT, LONGEST_NAME = 5000, 80

Text = Annotated[
    str,
    Meta(
        max_length=LONGEST_TEXT,
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$",
        description="Plain text, shown as it is; lines may be broken",
        examples=["Say what came of it."],
    ),
]
Reason = Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Name = Annotated[
    str,
    Meta(min_length=1, max_length=LONGEST_NAME, pattern=NO_CONTROL_CHARACTERS, examples=["Charles Babbage"]),
]
Pointer = Annotated[
    str,
    Meta(
        max_length=500,
        pattern=pointers.PATTERN,
        description="A JSON Pointer (RFC 6901) into the item or the basics",
        examples=["/summary"],
    ),
]
Quote = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1000,
        pattern=r"^[^\x00]*$",
        description="The words it is about, as they are; without null characters",
    ),
]


class Anchor(Command, frozen=True, kw_only=True):
    """What a comment is about: the resume as a whole, its basics, a section or an item, by `sectionId` or `itemId`; more
    closely the field at `path`, and words of it."""

    target: Target = "resume"
    section_id: UUID | None = None
    item_id: UUID | None = None
    path: Pointer | None = None
    quote: Quote | None = None


class SuggestionCreate(Command, frozen=True, kw_only=True):
    """An edit of the item or the basics that the comment is about: `replacement` for what is at `path` (that of the
    anchor unless it is given), or `fields` with new values of single members."""

    path: Pointer | UnsetType = UNSET
    replacement: Annotated[Any, Meta(examples=["Wrote the first program."])] | UnsetType = UNSET
    fields: Annotated[dict[str, Any], Meta(min_length=1, max_length=50)] | UnsetType = UNSET


class ReplyCreate(Command, frozen=True, kw_only=True):
    text: Text


class CommentCreate(Command, frozen=True, kw_only=True):
    """The text may be empty where an edit is suggested."""

    text: Text
    anchor: Anchor = Anchor()
    suggestion: SuggestionCreate | None = None


class CommentUpdate(Command, frozen=True, kw_only=True):
    text: Text


class Resolution(Command, frozen=True, kw_only=True):
    resolved: bool = True


class Rejection(Command, frozen=True, kw_only=True):
    reason: Reason | None = None


class SharedReplyCreate(ReplyCreate, frozen=True, kw_only=True):
    """`name` is what the reviewer wants to be called; needed the first time."""

    name: Name | None = None


class SharedCommentCreate(CommentCreate, frozen=True, kw_only=True):
    """`name` is what the reviewer wants to be called; needed the first time."""

    name: Name | None = None


class AnchorRead(Schema, kw_only=True):
    """`isOrphaned`: the part is not there any more; if it comes back, the comment is about it again."""

    target: Target
    section_id: UUID | None
    item_id: UUID | None
    path: str | None
    quote: str | None
    is_orphaned: bool


class Author(Schema, kw_only=True):
    """`name` is what a reviewer calls themselves. `isYou`: whoever asks wrote it."""

    kind: Literal["owner", "reviewer"]
    name: str | None
    is_you: bool


class Change(Schema, kw_only=True):
    """`replacement` for what was at `path` when it was suggested (`base`; null too if there was nothing: `isNew`)."""

    path: str
    base: Any
    is_new: bool
    replacement: Any


class SuggestionRead(Schema, kw_only=True):
    """`outdated`: the text is not any more what it was made against."""

    state: SuggestionState
    changes: list[Change]
    reason: str | None


class ReplyRead(Schema, kw_only=True):
    """`isDeleted`: its author took it back, after others had replied."""

    id: UUID
    author: Author
    text: str
    is_deleted: bool
    version: int
    created_at: datetime
    edited_at: datetime | None


class ThreadRead(ReplyRead, kw_only=True):
    """A comment and the newest replies to it, oldest first; `earlierReplies`: how many there are before them, to be read
    in `GET …/replies`."""

    anchor: AnchorRead
    state: Literal["open", "resolved"]
    suggestion: SuggestionRead | None
    replies: list[ReplyRead]
    earlier_replies: int


class CommentRead(ThreadRead, kw_only=True):
    """A thread as the owner sees it: `shareId` is the link that it came through, null for their own."""

    resume_id: UUID
    share_id: UUID | None


class SharedCommentMade(Schema, kw_only=True):
    """`reviewerToken` comes once, with the first comment of somebody without an account: it is to be shown in
    `X-Reviewer-Token` for changing what they wrote."""

    comment: ThreadRead
    reviewer_token: str | None


class SharedReplyMade(Schema, kw_only=True):
    """The same of a reply."""

    reply: ReplyRead
    reviewer_token: str | None


class SharedSection(Schema, kw_only=True):
    """A section that a link shows, by its member in the document, and the ids of its items in their order there."""

    id: UUID
    name: str
    item_ids: list[UUID]


class SharedParts(Schema, kw_only=True):
    sections: list[SharedSection]


class PartSummary(Schema, kw_only=True):
    """How many open threads there are on a part, and how many of them suggest an edit."""

    target: Target
    section_id: UUID | None
    item_id: UUID | None
    is_orphaned: bool
    comments: int
    suggestions: int


class Summary(Schema, kw_only=True):
    comments: int
    suggestions: int
    parts: list[PartSummary]
