"""Exports: from a message on the queue to a PDF in the storage."""

import hashlib

import httpx
import pytest
from processor_standins.api import Api
from processor_standins.mailbox import Mailbox
from processor_standins.platform import Platform

from common.blobs import Blobs
from common.ids import new_id
from common.testing.fixtures import eventually
from processor.documents.addresses import safe_name
from processor.documents.models import RenderedDocument
from processor.jobs.models import JobStatus
from processor.settings import Settings

from conftest import Rows


async def test_an_export_becomes_a_pdf_that_its_event_names(
    platform: Platform, api: Api, blobs: Blobs
) -> None:
    job_id = await platform.export(api.version().id)
    ended = await platform.ended(job_id)
    assert platform.states(job_id) == ["running", "succeeded"]
    assert [event.seq for event in platform.events[job_id]] == [1, 2]
    assert ended.result is not None
    document = await blobs.get(ended.result["bucket"], ended.result["key"])
    assert document.startswith(b"%PDF-")
    assert ended.result == {
        "bucket": "resume-exports",
        "key": f"pdfs/{job_id}/Resume-of-Zoe.pdf",
        "size": len(document),
        "sha256": hashlib.sha256(document).hexdigest(),
        "cached": False,
    }
    assert platform.progress[job_id][0].stage == "fetching"
