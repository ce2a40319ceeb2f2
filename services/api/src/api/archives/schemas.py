"""Archives as they go in and out: a resume with all that belongs to it, as one JSON document."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from api.contents.document import MOST_SECTIONS
from api.contents.snapshots import ItemLayout, Restored
from api.resumes.schemas import Direction, Document, Kind, Language, PageSize, Tags, Title
from api.sections.schemas import Columns, Heading
from api.sections.schemas import Kind as SectionKind
from api.sections.schemas import Name as SectionName
from api.templates.schemas import Options, TemplateId
from api.versions.schemas import Name, Reason
from common.schemas import check_times

FORMAT = "resumax"
VERSION = 1
MOST_VERSIONS = 1000

Time = Annotated[datetime, Meta(tz=True)]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
LayoutObject = Annotated[
    dict[str, Any], Meta(description="Sections in their order, what is hidden, the ids of parts")
]


class ArchivedTemplate(msgspec.Struct, frozen=True, rename="camel"):
    id: TemplateId
    version: Number


class ArchivedResume(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a resume is but what it says."""

    kind: Kind
    title: Title
    language: Language
    direction: Direction
    template: ArchivedTemplate
    settings: Options
    page_size: PageSize | None
    tags: Tags


class ArchivedVersion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A version, with the `sha256` of its content and layout as canonical JSON."""

    number: Number
    name: Name | None
    title: Title
    language: Language
    reason: Reason
    created_at: Time
    sha256: str
    content: Document
    layout: LayoutObject

    def __post_init__(self) -> None:
        check_times(self)


class Archive(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A resume with its versions. Pictures and files are where their addresses in the content say, not in here."""

    format: Literal["resumax"]
    version: Literal[1]
    exported_at: Time
    resume: ArchivedResume
    content: Document
    layout: LayoutObject
    versions: Annotated[list[ArchivedVersion], Meta(max_length=MOST_VERSIONS)]

    def __post_init__(self) -> None:
        check_times(self)


class ArchivedSection(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A section in a layout, as it may be."""

    id: UUID
    name: SectionName
    kind: SectionKind
    title: Heading | None
    visible: bool
    columns: Columns
    page_break_before: bool
    keep_together: bool
    items: list[ItemLayout]


class ArchivedLayout(msgspec.Struct, frozen=True):
    """A layout; versions of the first release have none."""

    sections: Annotated[list[ArchivedSection], Meta(max_length=MOST_SECTIONS)] = []
    restored: Restored | None = None
