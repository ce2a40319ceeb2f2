"""The catalogue: what the processor publishes, and what may be chosen from it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.templates import options as rules
from api.templates import queries
from api.templates.models import Template
from api.templates.previews import PreviewNotFound
from api.templates.schemas import TemplateChoice, TemplateDetail, TemplateRead
from common.contracts.templates import TemplatePut
from common.ids import now
from common.problems import FieldError, NotFound, Problem

DEFAULT = "classic"


class UnknownTemplate(Problem):
    status, code, title = 422, "UNKNOWN_TEMPLATE", "There is no such template"


class TemplateNotForKind(Problem):
    status, code, title = 422, "TEMPLATE_NOT_FOR_KIND", "The template is for other kinds of documents"


class UnknownOption(Problem):
    status, code, title = 422, "UNKNOWN_OPTION", "The template has no such option"


class InvalidOption(Problem):
    status, code, title = 422, "INVALID_OPTION", "The template does not allow this value"


class TemplateNotFound(NotFound):
    title = "Template not found"


class Chosen(msgspec.Struct, frozen=True):
    """A version of a template; `options` are those it has, None while nothing was published yet."""

    id: str
    version: int
    options: dict[str, Any] | None = None
    page_sizes: list[str] | None = None
    engine: str | None = None


async def choose(
    db: AsyncSession, wanted: str | TemplateChoice | None, *, user_id: UUID, kind: str = "resume"
) -> Chosen:
    """The template for `wanted` among those that the user may have, or the default one for documents of `kind`.

    Raises UnknownTemplate, TemplateNotForKind. Before the processor has published its templates nothing can be told of
    any, so whatever is named is taken.
    """
    choice = TemplateChoice(id=wanted) if isinstance(wanted, str) else wanted
    if choice is None:
        return await _default(db, kind, user_id)
    found = await queries.find(db, choice.id, choice.version, user_id=user_id)
    if found is None:
        await _refuse_unknown(db, choice, user_id)
        return Chosen(choice.id, choice.version or 1)
    if kind not in found.kinds:
        message = f"The template {found.id} is for: {', '.join(found.kinds)}. This is: {kind}."
        raise TemplateNotForKind(message, errors=[FieldError("$.template", message)])
    return _chosen(found)


async def chosen(db: AsyncSession, template_id: str, version: int, *, user_id: UUID) -> Chosen:
    """The template that the user has chosen before, whatever it is for. Raises UnknownTemplate."""
    found = await queries.find(db, template_id, version, user_id=user_id)
    if found is not None:
        return _chosen(found)
    await _refuse_unknown(db, TemplateChoice(id=template_id, version=version), user_id)
    return Chosen(template_id, version)


async def _default(db: AsyncSession, kind: str, user_id: UUID) -> Chosen:
    """The default template, or the first that is for `kind`; while there is none for it, the default all the same."""
    published = {template.id: template for template in await queries.newest(db, user_id=user_id)}
    if not published:
        return Chosen(DEFAULT, 1)
    default = published.get(DEFAULT) or next(iter(published.values()))
    fitting = (template for template in (default, *published.values()) if kind in template.kinds)
    return _chosen(next(fitting, default))


async def _refuse_unknown(db: AsyncSession, choice: TemplateChoice, user_id: UUID) -> None:
    """Raise UnknownTemplate, unless the catalogue is empty."""
    known = ", ".join(template.id for template in await queries.newest(db, user_id=user_id))
    if known:
        named = choice.id if choice.version is None else f"{choice.id} in version {choice.version}"
        message = f"There is no template {named}. There are: {known}."
        raise UnknownTemplate(message, errors=[FieldError("$.template", message)])


def _chosen(template: Template) -> Chosen:
    return Chosen(template.id, template.version, template.options, template.page_sizes, template.engine)


def check_options(template: Chosen, chosen: Mapping[str, object], *, at: str = "$.options") -> None:
    """Raise UnknownOption or InvalidOption if `chosen` has what the template does not know or allow.

    `at` is the path that the request has the options under.
    """
    if template.options is None:
        return
    errors = rules.problems(template.options, chosen, at=at)
    if chosen.keys() - template.options.keys():
        known = ", ".join(template.options) or "none"
        raise UnknownOption(f"The template {template.id} has the options: {known}.", errors=errors)
    if errors:
        raise InvalidOption(f"{errors[0].path}: {errors[0].message}", errors=errors)


def fitting(template: Chosen, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Of options that were chosen for another template those that mean something to this one."""
    known = template.options
    if known is None:
        return dict(chosen)
    return {
        name: value
        for name, value in chosen.items()
        if name in known and rules.problem(known[name], value) is None
    }


async def listed(db: AsyncSession, *, user_id: UUID, kind: str | None) -> list[TemplateRead]:
    """The newest version of every template that is offered to the user, or of those for documents of `kind`."""
    return [
        shape(found)
        for found in await queries.newest(db, user_id=user_id)
        if kind is None or kind in found.kinds
    ]


async def detail(db: AsyncSession, template_id: str, version: int | None, *, user_id: UUID) -> TemplateDetail:
    """Raises TemplateNotFound."""
    found = await queries.find(db, template_id, version, user_id=user_id)
    if found is None:
        raise TemplateNotFound
    versions = await queries.versions(db, template_id, user_id=user_id)
    return TemplateDetail(**_fields(found), versions=list(versions))


class Picture(msgspec.Struct, frozen=True):
    """Where the picture of a page is kept, and whether it is for its owner alone."""

    key: str
    is_private: bool


async def preview(
    db: AsyncSession, template_id: str, version: int | None, page: int, *, user_id: UUID | None
) -> Picture:
    """The picture of a page for a user, or for somebody unknown. Raises TemplateNotFound, PreviewNotFound."""
    found = await queries.shown(db, template_id, version, user_id=user_id)
    if found is None:
        raise TemplateNotFound
    if not 1 <= page <= len(found.previews):
        raise PreviewNotFound
    return Picture(found.previews[page - 1], found.owner_id is not None)


async def publish(db: AsyncSession, template_id: str, data: TemplatePut) -> None:
    """Put one version of a template into the catalogue; the same again changes nothing.

    A processor of an earlier release knows of no previews: those that one told of that does are kept.
    """
    known = await queries.published(db, template_id, data.version)
    values = msgspec.structs.asdict(data)
    if known is not None and not data.previews:
        values["previews"] = known.previews
    if known is None or any(getattr(known, name) != value for name, value in values.items()):
        await db.merge(Template(id=template_id, **values, published_at=now()))


async def retire(db: AsyncSession, template_id: str, version: int) -> None:
    """Offer a version no more; twice is the same as once."""
    known = await queries.published(db, template_id, version)
    if known is not None and known.retired_at is None:
        known.retired_at = now()


def shape(template: Template) -> TemplateRead:
    return TemplateRead(**_fields(template))


def _fields(template: Template) -> dict[str, Any]:
    same = ("id", "version", "engine", "name", "description", "page_sizes", "options", "kinds")
    return {name: getattr(template, name) for name in same} | {
        "is_private": template.owner_id is not None,
        "is_available": template.available,
        "is_retired": template.retired_at is not None,
        "previews": addresses(template.id, template.version, template.previews),
        "published_at": template.published_at,
    }


def addresses(template_id: str, version: int, keys: Sequence[str]) -> list[str]:
    """Where the pictures of a template's pages are to be had: by everybody, or by the owner of a private one."""
    path = f"/api/v1/templates/{template_id}/previews"
    return [f"{path}/{page}?version={version}" for page in range(1, len(keys) + 1)]
