"""What the processor tells the api about the templates that it can render."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from common.schemas import NO_NULLS

Text = Annotated[str, Meta(pattern=NO_NULLS)]


class TemplatePut(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `PUT /internal/templates/{id}`: one version of one template, as the catalogue shows it.

    `kinds` are the kinds of documents that it is for; `previews` the keys of pictures of its pages in `resume-static`.
    `owner_id` is whose alone it is, null for one that is for everybody; one that is not
    `available` needs something that is not installed where it would be rendered.
    """

    version: int
    engine: Text
    name: Text
    description: Text
    page_sizes: list[str]
    options: dict[str, Any]
    kinds: list[str] = msgspec.field(default_factory=lambda: ["resume"])
    previews: list[str] = []
    owner_id: UUID | None = None
    available: bool = True


class TemplateEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a member of staff (`actor_id`) did with an uploaded template: on `events.processor.template.{verb}.v1`.

    `owner_id` is whose alone it is, null for one that is everybody's; `sha256` that of its archive.
    """

    actor_id: UUID
    template_id: str
    version: int
    owner_id: UUID | None
    sha256: str
    at: datetime


def template_event_subject(verb: str) -> str:
    """`verb` is in the past: published, retired."""
    return f"events.processor.template.{verb}.v1"


class CatalogueEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One version of the template with that id."""

    id: Text
    template: TemplatePut


class CataloguePut(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of `PUT /internal/templates`: all templates that the processor ships with, at once, so that nobody ever sees
    a part of them."""

    templates: list[CatalogueEntry]
