"""Every statement on the files of links."""

from uuid import UUID

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.exports.models import Export
from api.jobs.models import JobStatus
from api.shares.models import ShareFile
from api.versions.models import Version


async def find(db: AsyncSession, share_id: UUID, format: str) -> Row[ShareFile, Export, JobStatus] | None:
    """The file of a link in a format, with the export that makes it and its job."""
    rows = await db.execute(
        select(ShareFile, Export, JobStatus)
        .join(Export, Export.id == ShareFile.export_id)
        .join(JobStatus, JobStatus.id == Export.job_id)
        .where(ShareFile.share_id == share_id, ShareFile.format == format)
        .execution_options(populate_existing=True)
    )
    return rows.one_or_none()


async def put(db: AsyncSession, share_id: UUID, format: str, *, source: str, export_id: UUID) -> None:
    """Note which export makes the file now."""
    await db.execute(delete(ShareFile).where(ShareFile.share_id == share_id, ShareFile.format == format))
    db.add(ShareFile(share_id=share_id, format=format, source=source, export_id=export_id))
    await db.flush()


async def version(
    db: AsyncSession, resume_id: UUID, *, sha256: str, title: str, language: str
) -> Version | None:
    return await db.scalar(
        select(Version).where(
            Version.resume_id == resume_id,
            Version.sha256 == sha256,
            Version.title == title,
            Version.language == language,
        )
    )
