"""The catalogue: what the processor publishes, and what may be chosen from it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.templates import queries
from api.templates.models import Template
from api.templates.schemas import TemplateChoice
from common.contracts.templates import TemplatePut
from common.ids import now
from common.problems import FieldError, NotFound, Problem

DEFAULT = "classic"


class UnknownTemplate(Problem):
    status, code, title = 422, "UNKNOWN_TEMPLATE", "There is no such template"


class UnknownOption(Problem):
    status, code, title = 422, "UNKNOWN_OPTION", "The template has no such option"


class TemplateNotFound(NotFound):
    title = "Template not found"


class Chosen(msgspec.Struct, frozen=True):
    """A version of a template; `options` are those it has, None while nothing was published yet."""

    id: str
    version: int
    options: dict[str, Any] | None = None


async def choose(db: AsyncSession, wanted: str | TemplateChoice | None) -> Chosen:
    """The template for `wanted`, or the default one. Raises UnknownTemplate.

    Before the processor has published its templates nothing can be told of any, so whatever is named is taken.
    """
    choice = TemplateChoice(id=wanted) if isinstance(wanted, str) else wanted
    found = await queries.find(
        db, choice.id if choice else DEFAULT, choice.version if choice else None
    ) or await _fallback(db, choice)
    if found is not None:
        return Chosen(found.id, found.version, found.options)
    if choice is None:
        return Chosen(DEFAULT, 1)
    return Chosen(choice.id, choice.version or 1)


async def _fallback(db: AsyncSession, choice: TemplateChoice | None) -> Template | None:
    """Any template when none was named; None when there are none at all. Raises UnknownTemplate."""
    first = await queries.any_id(db)
    if first is None:
        return None
    if choice is None:
        return await queries.find(db, first, None)
    named = choice.id if choice.version is None else f"{choice.id} in version {choice.version}"
    known = ", ".join(sorted({template.id for template in await queries.newest(db)}))
    raise UnknownTemplate(f"There is no template {named}. There are: {known}.")


def check_options(template: Chosen, options: Mapping[str, object]) -> None:
    """Raise UnknownOption if there are options that the template does not have."""
    if template.options is None:
        return
    unknown = sorted(options.keys() - template.options.keys())
    if unknown:
        known = ", ".join(template.options)
        raise UnknownOption(
            f"The template {template.id} has the options: {known}.",
            errors=[FieldError(f"$.options.{name}", "There is no such option.") for name in unknown],
        )


async def get(db: AsyncSession, template_id: str, version: int | None) -> Template:
    found = await queries.find(db, template_id, version)
    if found is None:
        raise TemplateNotFound
    return found


async def publish(db: AsyncSession, template_id: str, data: TemplatePut) -> None:
    """Put one version of a template into the catalogue; the same again changes nothing."""
    values = msgspec.structs.asdict(data)
    await db.merge(Template(id=template_id, **values, published_at=now()))
