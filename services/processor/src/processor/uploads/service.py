"""The rules of uploaded templates: who may upload, what a version is, when it is offered and to whom."""

import hashlib
from collections.abc import Collection
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from common.auth import MULTI_FACTOR
from common.contracts.jobs import TemplateCheckJob
from common.contracts.templates import TemplatePut
from common.ids import new_id, now
from common.jobs import enqueue
from common.outbox import call
from common.problems import Forbidden, NotFound, Problem
from common.step_up import require_recent
from common.tokens import Principal
from processor.rendering import Template
from processor.uploads import acts, queries
from processor.uploads.models import Upload
from processor.uploads.schemas import Report, UploadRead
from processor.uploads.upkeep import CHECKED_WITHIN

SECOND_FACTOR_FOR = 900
"""Seconds that the second factor of staff counts for what they publish to everybody."""
MOST_PER_USER = 50
_MARK = 8


class UploadNotFound(NotFound):
    title = "Upload not found"


class TemplateVersionExists(Problem):
    status, code, title = 409, "TEMPLATE_VERSION_EXISTS", "This version of the template exists and differs"


class TemplateIdTaken(Problem):
    status, code, title = 409, "TEMPLATE_ID_TAKEN", "Another template has this id"


class TooManyTemplates(Problem):
    status, code, title = 409, "TOO_MANY_TEMPLATES", "No more templates can be uploaded"


class Uploader(msgspec.Struct, frozen=True):
    """Who uploads. What staff with a role that `publishes` upload is for everybody, and they see and retire the uploads of
    all; what others upload is for them alone, and they see that."""

    user_id: UUID
    publishes: bool

    @property
    def owner_id(self) -> UUID | None:
        return None if self.publishes else self.user_id

    def id_of(self, template: Template) -> str:
        """The id under which it is known: that of a user's has a mark of the user, so that nobody takes anybody's."""
        if self.publishes:
            return template.id
        return f"{template.id}-{hashlib.sha256(self.user_id.bytes).hexdigest()[:_MARK]}"


def seen_by(principal: Principal, publishers: Collection[str]) -> Uploader:
    """`publishers` are the roles of staff that publish. Any other role, such as that of support, gives nothing here."""
    return Uploader(principal.id, not principal.roles.isdisjoint(publishers))


def uploader(principal: Principal, publishers: Collection[str], *, users_may: bool) -> Uploader:
    """Raises Forbidden, or StepUpRequired for staff whose second factor was long ago."""
    by = seen_by(principal, publishers)
    if not by.publishes and not users_may:
        raise Forbidden(
            f"Only staff with one of the roles {', '.join(publishers)} may upload templates here."
        )
    if by.publishes:
        require_recent(principal, max_age=SECOND_FACTOR_FOR, acr=MULTI_FACTOR)
    return by


async def submit(
    db: AsyncSession, by: Uploader, template: Template, archive: bytes, *, builtin: Collection[str]
) -> Upload:
    """A version, to be checked. The same again is the same; one that was refused makes room for a better one.

    Raises TemplateIdTaken, TemplateVersionExists, TooManyTemplates.
    """
    template_id, sha256 = by.id_of(template), hashlib.sha256(archive).hexdigest()
    await _check_id(db, by, template_id, builtin)
    known = await queries.version(db, template_id, template.version)
    if known is not None and known.sha256 == sha256 and known.state != "refused":
        return known
    if known is not None and known.state in {"published", "retired"}:
        raise TemplateVersionExists(f"What is published never changes: make it version {known.version + 1}.")
    if known is None and await queries.count(db, uploaded_by=by.user_id) >= MOST_PER_USER:
        raise TooManyTemplates(f"There may be {MOST_PER_USER} versions.")
    row = known or Upload(id=new_id(), template_id=template_id, version=template.version)
    row.owner_id, row.uploaded_by, row.state, row.report = by.owner_id, by.user_id, "checking", None
    row.name, row.sha256, row.archive, row.job_id = template.name, sha256, archive, new_id()
    row.created_at = now()
    db.add(row)
    job, until = TemplateCheckJob(upload_id=row.id, sha256=sha256), row.created_at + CHECKED_WITHIN
    enqueue(db, job, kind=TemplateCheckJob.KIND, user_id=by.user_id, job_id=row.job_id, deadline=until)
    await db.flush()
    return row


async def _check_id(db: AsyncSession, by: Uploader, template_id: str, builtin: Collection[str]) -> None:
    other = await queries.any_of(db, template_id)
    if template_id in builtin or (other is not None and other.owner_id != by.owner_id):
        raise TemplateIdTaken(f"There is a template {template_id} already.")


async def get(db: AsyncSession, upload_id: UUID, *, by: Uploader) -> Upload:
    """Raises UploadNotFound."""
    found = await queries.find(db, upload_id, owner_id=by.owner_id)
    if found is None:
        raise UploadNotFound
    return found


async def retire(db: AsyncSession, upload_id: UUID, *, by: Uploader) -> None:
    """Offer it no more. Documents that have it are rendered as before; one that was never published goes."""
    row = await get(db, upload_id, by=by)
    if row.state in {"published", "retired"}:
        if by.publishes and row.state == "published":
            acts.tell(db, "retired", row, actor_id=by.user_id)
        row.state = "retired"
        call(db, "api", "DELETE", f"/internal/templates/{row.template_id}?version={row.version}", None)
    else:
        await db.delete(row)


def conclude(db: AsyncSession, row: Upload, report: Report, announced: TemplatePut | None) -> None:
    """Publish the version as it is to be `announced`, or refuse it, by what its check found."""
    row.report = msgspec.to_builtins(report)
    if announced is None:
        row.state = "refused"
        return
    row.state, row.published_at = "published", now()
    announced = msgspec.structs.replace(announced, owner_id=row.owner_id)
    call(db, "api", "PUT", f"/internal/templates/{row.template_id}", announced)
    if row.owner_id is None:
        acts.tell(db, "published", row, actor_id=row.uploaded_by)


def shape(row: Upload) -> UploadRead:
    return UploadRead(
        id=row.id,
        template_id=row.template_id,
        version=row.version,
        name=row.name,
        state=row.state,
        is_private=row.owner_id is not None,
        sha256=row.sha256,
        job_id=row.job_id,
        report=None if row.report is None else msgspec.convert(row.report, Report),
        created_at=row.created_at,
        published_at=row.published_at,
    )
