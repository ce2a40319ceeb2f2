"""Families of resumes as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from api.contents.document import MOST_ITEMS, MOST_SECTIONS
from api.resumes.schemas import Language, Title
from api.templates.schemas import TemplateChoice, TemplateId
from common.schemas import Command, Schema

State = Literal["present", "missing", "outdated", "untranslated", "extra"]


class VariantCreate(Command, frozen=True, kw_only=True):
    """A copy to be translated. Without a template it has that of the resume, and without a title that of the resume with
    the language's own name: `Ada (Deutsch)`."""

    language: Language
    title: Title | None = None
    template: TemplateId | TemplateChoice | None = None


class Cell(Schema, kw_only=True):
    """A part of the resume in one of its languages.

    `present`: it says what the primary's part says, as far as its writer told. `outdated`: that one was changed since.
    `untranslated`: copied, and not touched yet. `missing`: it is not there (`id` is null). `extra`: the primary has
    none. `moved`: it stands elsewhere than in the primary. `label` are its first words, if it has any.
    """

    resume_id: UUID
    state: State
    id: UUID | None = None
    label: str | None = None
    moved: bool = False


class FamilyRow(Schema, kw_only=True):
    """One part in all languages, the primary's first. What the primary lacks is listed where it is."""

    cells: list[Cell]


class FamilySection(FamilyRow, kw_only=True):
    """One section in all languages, with its items."""

    items: list[FamilyRow]


class VariantRead(Schema, kw_only=True):
    """One of the family's resumes, with how many of its items (the basics are one) are in which state."""

    id: UUID
    title: str
    language: str
    is_primary: bool
    version: int
    updated_at: datetime
    present: int
    missing: int
    outdated: int
    untranslated: int
    extra: int
    order_differs: bool


class FamilyRead(Schema, kw_only=True):
    """The resumes that are one in several languages, and their parts in the order of the primary one."""

    id: UUID
    variants: list[VariantRead]
    basics: FamilyRow
    sections: list[FamilySection]


Items = Annotated[list[UUID], Meta(max_length=MOST_ITEMS)]


class Confirm(Command, frozen=True, kw_only=True):
    """Items of this variant that say what the primary's say; with nothing named, all that it has, and its basics."""

    item_ids: Items | None = None
    basics: bool | None = None


class Pull(Command, frozen=True, kw_only=True):
    """What to bring over that this variant lacks: sections and items by the primary's ids. With nothing named,
    everything. `structure` also makes order and visibility those of the primary."""

    sections: Annotated[list[UUID], Meta(max_length=MOST_SECTIONS)] | None = None
    items: Items | None = None
    basics: bool | None = None
    structure: bool = False
