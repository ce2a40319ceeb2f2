"""Exports: from a message on the queue to a PDF in the storage."""

import hashlib

import msgspec
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from minio import Minio
from processor_standins.api import Api
from processor_standins.kinds import Rows
from processor_standins.mailbox import Mailbox
from processor_standins.platform import Platform, export_job

from common.blobs import Blobs
from common.contracts.versions import SectionStyle
from common.ids import new_id
from common.testing.fixtures import eventually
from common.testing.processes import S3, S3_ACCESS_KEY, S3_SECRET_KEY
from processor.documents.addresses import safe_name
from processor.jobs.models import JobStatus
from processor.settings import Settings


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


async def test_the_picture_of_a_resume_is_made_of_its_name_and_stored_once(
    platform: Platform, api: Api, blobs: Blobs
) -> None:
    version = api.version()
    job = export_job(version.id, kind="export", format="og-image", file_name="Résumé of Zoë.og-image")
    await platform.publish(job)
    ended = await platform.ended(job.id)
    assert ended.result is not None
    assert ended.result["key"] == f"exports/og-image/{job.id}/Resume-of-Zoe.png"
    picture = await blobs.get("resume-exports", ended.result["key"])
    assert picture.startswith(b"\x89PNG")
    assert picture[16:24] == (1200).to_bytes(4, "big") + (630).to_bytes(4, "big")
    again = await platform.ended(await platform.export(version.id, format="og-image"))
    assert again.result is not None
    assert again.result["cached"] is True
    assert (await platform.ended(await platform.export(version.id))).result != again.result


async def test_how_sections_are_set_is_seen_in_the_pdf(platform: Platform, api: Api, blobs: Blobs) -> None:
    version = api.version()
    style = SectionStyle(name="work", kind="work", title="Employment", page_break_before=True)
    api.versions[version.id] = msgspec.structs.replace(version, sections=[style])
    ended = await platform.ended(await platform.export(version.id))
    assert ended.result is not None
    with pypdfium2.PdfDocument(await blobs.get("resume-exports", ended.result["key"])) as opened:
        assert len(opened) == 2
        assert "Employment" in opened[1].get_textpage().get_text_range()


async def test_the_same_document_is_rendered_once(
    platform: Platform, api: Api, blobs: Blobs, rows: Rows, settings: Settings
) -> None:
    version = api.version()
    first = await platform.ended(await platform.export(version.id, options={"accent": "#123456"}))
    # The defaults spelled out are the same options, and another title of the file is the same document.
    again = await platform.ended(
        await platform.export(version.id, options={"accent": "#123456", "page": "a4"}, file_name="other")
    )
    assert first.result is not None
    assert again.result is not None
    assert again.result["cached"] is True
    assert again.result["sha256"] == first.result["sha256"]
    assert again.result["key"] == f"pdfs/{again.job_id}/other.pdf"
    assert await blobs.get("resume-exports", again.result["key"]) == await blobs.get(
        "resume-exports", first.result["key"]
    )
    timings = {s.job_id: s.timings for s in await rows(settings, JobStatus)}
    assert "rendering" in timings[first.job_id]
    assert "rendering" not in timings[again.job_id]
    assert api.asked.count(version.id) == 1


@pytest.mark.parametrize(
    "change", [{"options": {"accent": "#654321"}}, {"template": "modern"}, {"other_title": True}]
)
async def test_whatever_changes_the_document_makes_a_new_one(
    platform: Platform, api: Api, change: dict[str, object]
) -> None:
    version = api.version(title="One")
    await platform.ended(await platform.export(version.id))
    changes = dict(change)
    version_id = version.id
    if changes.pop("other_title", False):
        other = api.version(title="Another")
        api.versions[other.id] = type(other)(
            id=other.id, sha256=version.sha256, title="Another", language="en", content=version.content
        )
        version_id = other.id
    ended = await platform.ended(await platform.export(version_id, **changes))
    assert ended.result is not None
    assert ended.result["cached"] is False


async def test_a_document_whose_object_is_gone_is_rendered_again(
    platform: Platform, api: Api, blobs: Blobs, s3: S3
) -> None:
    version = api.version()
    first = await platform.ended(await platform.export(version.id))
    assert first.result is not None
    storage = Minio(s3.url.removeprefix("http://"), S3_ACCESS_KEY, S3_SECRET_KEY, secure=False)
    storage.remove_object("resume-exports", first.result["key"])
    again = await platform.ended(await platform.export(version.id))
    assert again.result is not None
    assert again.result["cached"] is False
    assert await blobs.get("resume-exports", again.result["key"])
    third = await platform.ended(await platform.export(version.id))
    assert third.result is not None
    assert third.result["cached"] is True


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"template": "no-such"}, "There is no template no-such 1."),
        ({"template_version": 99}, "There is no template classic 99."),
        ({"options": {"accent": "red; drop"}}, "Option 'accent' must be a colour like #1f4e79."),
        ({"options": {"nope": 1}}, "Option 'nope' is unknown"),
        ({"format": "docx"}, "The format docx is not made here."),
    ],
)
async def test_an_export_that_can_never_succeed_fails_at_once_and_says_why(
    platform: Platform, api: Api, changes: dict[str, object], reason: str
) -> None:
    job_id = await platform.export(api.version().id, **changes)
    ended = await platform.ended(job_id)
    assert platform.states(job_id) == ["running", "failed"]
    assert (ended.error or "").startswith(reason)
    letter = await platform.bus.jetstream.get_last_msg("JOBS_DLQ", "jobs.dead.pdf_generation")
    assert str(job_id).encode() in (letter.data or b"")


async def test_an_export_of_a_version_that_is_gone_fails_at_once(platform: Platform) -> None:
    ended = await platform.ended(await platform.export(new_id()))
    assert ended.state == "failed"
    assert ended.error == "This version of the resume is not there any more."


async def test_whoever_asked_for_it_is_mailed_once_when_the_export_is_ready(
    platform: Platform, api: Api, mailbox: Mailbox
) -> None:
    user_id, to = api.person(locale="de-CH")
    version = api.version(title="Lebenslauf")
    await platform.ended(await platform.export(version.id, notify=True, user_id=user_id))

    async def mailed() -> bool:
        return bool(mailbox.to(to))

    await eventually(mailed)
    await platform.is_idle("email")
    [mail] = mailbox.to(to)
    assert mail["Subject"] == "Dein Export ist fertig: Lebenslauf"


@given(st.text())
def test_any_file_name_becomes_a_harmless_key(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 80
    assert safe.isascii()
    assert not set(safe) & set("/\\ \x00\"'%?#")
    assert ".." not in safe
    assert safe[0] not in "-."
