"""Templates as they go in and out."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from common.schemas import Command, Schema

TEMPLATE_ID = r"^[a-z0-9][a-z0-9-]{0,63}$"
TemplateId = Annotated[str, Meta(pattern=TEMPLATE_ID, examples=["classic"])]


class TemplateChoice(Command, frozen=True, kw_only=True):
    """A template and, if it is to be a certain one, its version; else the newest."""

    id: TemplateId
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None


class TemplateRef(Schema, kw_only=True):
    """The template that something looks like, for ever in this version."""

    id: str
    version: int


class TemplateRead(Schema, kw_only=True):
    """A template. `kinds` are the kinds of documents that it is for, `previews` the addresses of pictures of its pages.

    `options` maps each option's name to its `type` (`enum`, `number`, `boolean`, `color`, `strings`), `label`,
    `default` and what bounds it: `values` of an enum, `min` and `max` of a number or of a list's length. One that
    `isPrivate` is its uploader's alone; one that `isRetired` is offered no more; of one that is
    not `isAvailable` no documents can be made for now, because what it needs (a browser) is not installed.
    """

    id: str
    version: int
    engine: str
    name: str
    description: str
    page_sizes: list[str]
    options: dict[str, Any]
    kinds: list[str]
    previews: list[str]
    is_private: bool
    is_retired: bool
    is_available: bool
    published_at: datetime


class TemplateDetail(TemplateRead, kw_only=True):
    """A template in one version; `versions` are all there are, newest first."""

    versions: list[int]


class TemplateList(Schema, kw_only=True):
    items: list[TemplateRead]


OptionValue = (
    bool
    | Annotated[int, Meta(ge=-(2**53), le=2**53)]
    | Annotated[float, Meta(ge=-1e300, le=1e300)]
    | Annotated[str, Meta(max_length=500)]
    | Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=100)]
    | None
)
Options = Annotated[dict[Annotated[str, Meta(max_length=64)], OptionValue], Meta(max_length=100)]
"""What is chosen of a template's options; what is left out takes its default."""
