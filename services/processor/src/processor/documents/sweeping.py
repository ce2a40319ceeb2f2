"""What exports leave behind: documents that are kept no longer, and files that no job answers for.

A processor that is killed after it stored a file leaves that to the job, which is tried again and stores it anew. Where the
job then fails for good, or is cancelled in the meantime, nobody would ever delete it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from common.blobs import Blob, BlobMissing, Blobs
from common.db import Database
from common.ids import now
from common.leader import lead
from processor.background import repeated
from processor.documents import queries
from processor.documents.addresses import BUCKET, FOLDERS, job_of

log = structlog.get_logger()

EVERY = 3600.0
FILES_KEPT = timedelta(days=30)
"""The api deletes the file of an export after that, and all that it knows of it."""
UNDECIDED_FOR = timedelta(days=1)
"""The job of a younger file may still be under way."""
AT_ONCE = 1000


class Sweeper:
    """`jobs_kept` is how long a job is known after it has ended: what is older than that tells nothing by having none."""

    def __init__(self, database: Database, blobs: Blobs, *, jobs_kept: timedelta) -> None:
        self._database, self._blobs, self._jobs_kept = database, blobs, jobs_kept

    async def run(self) -> None:
        """Sweep every hour, in one of all replicas."""
        await lead(self._database, "exports", lambda: repeated("sweep_exports", self.sweep, every=EVERY))

    async def sweep(self) -> None:
        documents, files = await self.forget_documents(at=now()), await self.delete_orphans(at=now())
        if documents or files:
            log.info("exports_swept", documents=documents, files=files)

    async def forget_documents(self, *, at: datetime) -> int:
        """Forget documents whose files have had their time; how many."""
        count = 0
        while True:
            async with self._database.write() as db:
                gone = await queries.forget(db, at - FILES_KEPT)
            if not gone:
                return count
            count += gone

    async def delete_orphans(self, *, at: datetime) -> int:
        """Delete files of which no job is, or whose job has come to nothing; how many. Raises BlobsUnavailable."""
        count = 0
        for folder in FOLDERS:
            last = ""
            while found := await self._page(folder, last):
                last = found[-1].key
                for orphan in await self._orphans(found, at=at):
                    await self._blobs.delete(BUCKET, orphan.key)
                    count += 1
        return count

    async def _page(self, folder: str, last: str) -> list[Blob]:
        try:
            return await self._blobs.find(BUCKET, folder, after=last, limit=AT_ONCE)
        except BlobMissing:
            return []

    async def _orphans(self, found: Sequence[Blob], *, at: datetime) -> list[Blob]:
        jobs = {blob.key: job_id for blob in found if (job_id := job_of(blob.key)) and self._tells(blob, at)}
        async with self._database.read() as db:
            known: set[UUID] = await queries.with_files(db, set(jobs.values()))
        return [blob for blob in found if blob.key in jobs and jobs[blob.key] not in known]

    def _tells(self, blob: Blob, at: datetime) -> bool:
        """Whether it means something that no job is known: it is neither young, nor so old that its job is forgotten
        while its file is kept."""
        age = at - blob.modified_at
        is_forgotten = self._jobs_kept <= age <= FILES_KEPT + UNDECIDED_FOR
        return age > UNDECIDED_FOR and not is_forgotten
