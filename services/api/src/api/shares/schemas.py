"""Links as they go in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from api.shares.passwords import LONGEST
from common.contracts.versions import SectionStyle
from common.schemas import NO_CONTROL_CHARACTERS, Command, Schema

Slug = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]$(?!\n)",
        description="Letters, digits and hyphens; case does not matter. Without one it is drawn, 160 bits of it",
        examples=["ada-lovelace"],
    ),
]
Label = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=NO_CONTROL_CHARACTERS,
        description="For its owner alone",
        examples=["Sent to the Royal Society"],
    ),
]
Password = Annotated[str, Meta(min_length=8, max_length=LONGEST, examples=["between you and me"])]
Time = Annotated[datetime, Meta(tz=True, examples=["2030-01-01T00:00:00Z"])]
MaxViews = Annotated[int, Meta(ge=1, le=1_000_000, description="How often it may be opened in all")]
Status = Literal["active", "expired", "spent", "revoked"]


class ShareCreate(Command, frozen=True, kw_only=True):
    """With `versionId` the link shows that version for good, else the resume as it is at any time.

    `showContact: false` hides e-mail, phone and address. Search engines are kept away unless it is `indexable`.
    """

    slug: Slug | None = None
    label: Label | None = None
    password: Password | None = None
    expires_at: Time | None = None
    max_views: MaxViews | None = None
    allow_download: bool = False
    allow_comments: bool = False
    version_id: UUID | None = None
    indexable: bool = False
    show_contact: bool = True


class ShareUpdate(Command, frozen=True, kw_only=True):
    """What is left out stays; null takes away. A new password, or none, ends what visitors were admitted to."""

    label: Label | UnsetType | None = UNSET
    password: Password | UnsetType | None = UNSET
    expires_at: Time | UnsetType | None = UNSET
    max_views: MaxViews | UnsetType | None = UNSET
    allow_download: bool | UnsetType = UNSET
    allow_comments: bool | UnsetType = UNSET
    version_id: UUID | UnsetType | None = UNSET
    indexable: bool | UnsetType = UNSET
    show_contact: bool | UnsetType = UNSET


class ShareRead(Schema, kw_only=True):
    """`slug` and `url` are null once another link of its owner has taken the name of one that was revoked. `opens` is
    how often it was opened; the statistics lag some seconds behind."""

    id: UUID
    resume_id: UUID
    slug: str | None
    url: str | None
    label: str | None
    status: Status
    has_password: bool
    expires_at: datetime | None
    max_views: int | None
    opens: int
    allow_download: bool
    allow_comments: bool
    version_id: UUID | None
    indexable: bool
    show_contact: bool
    version: int
    created_at: datetime
    updated_at: datetime
    revoked_at: datetime | None


class AccessCreate(Command, frozen=True, kw_only=True):
    password: Annotated[str, Meta(max_length=LONGEST, examples=["between you and me"])] | None = None


class AccessToken(Schema, kw_only=True):
    """Show the token in `X-Share-Token`, or as a bearer token. `expiresIn` is in seconds."""

    token: str
    expires_in: int


class Permissions(Schema, kw_only=True):
    download: bool
    comments: bool


class SharedResume(Schema, kw_only=True):
    """What a link shows: the document without what is hidden, how its sections are set, and what visitors may do."""

    title: str
    language: str
    content: dict[str, Any]
    sections: list[SectionStyle]
    permissions: Permissions
    updated_at: datetime
