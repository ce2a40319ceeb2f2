"""Exports: from a message on the queue to a PDF in the storage."""

import hashlib
import io
import zipfile
from datetime import UTC, datetime

import msgspec
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from minio import Minio
from processor_standins.api import Api
from processor_standins.kinds import MakeProcessorSettings, Rows, StartProcessor
from processor_standins.mailbox import Mailbox
from processor_standins.platform import Platform, export_job

from common.blobs import Blobs
from common.contracts.versions import SectionStyle
from common.ids import new_id
from common.testing.fixtures import eventually
from common.testing.processes import S3, S3_ACCESS_KEY, S3_SECRET_KEY, Nats
from processor.documents.addresses import safe_name
from processor.documents.models import RenderedDocument
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
        "mediaType": "application/pdf",
        "pages": 1,
        "warnings": [],
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


@pytest.mark.parametrize(
    ("format", "ending", "media_type"),
    [
        ("docx", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("html", "html", "text/html; charset=utf-8"),
        ("md", "md", "text/markdown; charset=utf-8"),
        ("txt", "txt", "text/plain; charset=utf-8"),
        ("json", "json", "application/json"),
        ("yaml", "yaml", "application/yaml"),
    ],
)
async def test_an_export_is_made_once_in_every_format(
    platform: Platform, api: Api, blobs: Blobs, format: str, ending: str, media_type: str
) -> None:
    version = api.version()
    wanted = {"kind": "export", "format": format, "file_name": f"Résumé of Zoë.{ending}"}
    job = export_job(version.id, **wanted)
    ended = await platform.ended(await platform.publish(job))
    assert ended.result is not None
    assert ended.result["key"] == f"exports/{format}/{job.id}/Resume-of-Zoe.{ending}"
    assert (ended.result["mediaType"], ended.result["pages"]) == (media_type, None)
    stored = await blobs.stat("resume-exports", ended.result["key"])
    assert (stored.size, stored.content_type) == (ended.result["size"], media_type)
    data = await blobs.get("resume-exports", ended.result["key"])
    if format == "json":
        assert msgspec.json.decode(data) == version.content
    elif format != "docx":
        assert "Zoë Ångström" in data.decode()
    again = await platform.ended(await platform.publish(export_job(version.id, **wanted)))
    assert again.result is not None
    assert (again.result["cached"], again.result["sha256"]) == (True, ended.result["sha256"])


async def test_pictures_of_pages_come_in_an_archive(platform: Platform, api: Api, blobs: Blobs) -> None:
    style = SectionStyle(name="skills", kind="skills", page_break_before=True)
    version = api.version()
    api.versions[version.id] = msgspec.structs.replace(version, sections=[style])
    job = export_job(version.id, kind="export", format="png", file_name="Zoë.zip")
    ended = await platform.ended(await platform.publish(job))
    assert ended.result is not None
    assert ended.result["key"] == f"exports/png/{job.id}/Zoe.zip"
    assert (ended.result["mediaType"], ended.result["pages"]) == ("application/zip", 2)
    with zipfile.ZipFile(io.BytesIO(await blobs.get("resume-exports", ended.result["key"]))) as archive:
        assert archive.namelist() == ["page-1.png", "page-2.png"]
        assert archive.read("page-2.png").startswith(b"\x89PNG")


async def test_a_pdf_for_the_archive_says_so_and_when_its_version_is_of(
    platform: Platform, api: Api, blobs: Blobs
) -> None:
    version = api.version()
    made = datetime(2025, 3, 4, 23, 30, tzinfo=UTC)
    api.versions[version.id] = msgspec.structs.replace(version, created_at=made)
    template = {"template": "academic", "template_version": 1}
    files = []
    for standard in ("a-2", "ua-1"):
        ended = await platform.ended(await platform.export(version.id, standard=standard, **template))
        assert ended.result is not None
        assert (ended.result["cached"], ended.result["warnings"]) == (False, [])
        files.append(await blobs.get("resume-exports", ended.result["key"]))
    assert b"pdfaid:part>2<" in files[0]
    assert b"pdfuaid" in files[0]
    assert b"pdfaid" not in files[1]
    assert b"pdfuaid" in files[1]
    assert b"D:20250304" in files[0]


async def test_what_its_owner_should_know_comes_with_the_export_each_time(
    platform: Platform, api: Api
) -> None:
    version = api.version(basics={"name": "Zoë", "image": "https://example.org/me.png"})
    wanted = {"template": "sidebar", "template_version": 1, "options": {"photo": "circle"}}
    for cached in (False, True):
        ended = await platform.ended(await platform.export(version.id, **wanted))
        assert ended.result is not None
        assert ended.result["cached"] is cached
        assert "photo_not_usable" in [warning["code"] for warning in ended.result["warnings"]]


async def test_nothing_of_the_text_goes_with_the_warnings_of_an_export(
    platform: Platform, api: Api, rows: Rows, settings: Settings
) -> None:
    """They go through the queue, and staff see them. Where it is is shown by a preview."""
    version = api.version(basics={"name": "Zoë", "summary": f"Reads \U00013000, {'w' * 400}."})
    wanted = {"template": "sidebar", "template_version": 1}
    ended = await platform.ended(await platform.export(version.id, **wanted))
    assert ended.result is not None
    assert "missing_glyphs" in [warning["code"] for warning in ended.result["warnings"]]
    [kept] = [
        row.warnings for row in await rows(settings, RenderedDocument) if row.key == ended.result["key"]
    ]
    [status] = [row.result for row in await rows(settings, JobStatus) if row.job_id == ended.job_id]
    told = repr([ended.result["warnings"], kept, status["warnings"]])
    assert [words for words in ("\U00013000", "13000", "Reads", "www", "Zoë") if words in told] == []


async def test_options_that_a_format_does_not_show_make_no_other_file(platform: Platform, api: Api) -> None:
    version = api.version()
    for format, options, is_same in (
        ("txt", {"accent": "#123456"}, True),
        ("txt", {"dates": "long"}, False),
        ("html", {"accent": "#123456"}, False),
        ("yaml", {"hidden": ["skills"]}, True),
    ):
        plain, other = [
            await platform.ended(
                await platform.publish(export_job(version.id, kind="export", format=format, options=o))
            )
            for o in ({}, options)
        ]
        assert plain.result is not None
        assert other.result is not None
        assert (plain.result["sha256"] == other.result["sha256"]) is is_same, (format, options)
        assert other.result["cached"] is is_same


async def test_a_letter_is_written_as_one(platform: Platform, api: Api, blobs: Blobs) -> None:
    version = api.version(subject="Lead engineer", paragraphs=["Your talk stayed with me."], closing="Yours,")
    api.versions[version.id] = msgspec.structs.replace(version, kind="cover-letter")
    wanted = {"kind": "export", "format": "txt", "template": "letter"}
    ended = await platform.ended(await platform.publish(export_job(version.id, **wanted)))
    assert ended.result is not None
    text = (await blobs.get("resume-exports", ended.result["key"])).decode()
    assert "Lead engineer\n-------------\n\nYour talk stayed with me.\n\nYours,\n\nZoë Ångström\n" in text


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
    platform: Platform, api: Api, blobs: Blobs, s3: S3, rows: Rows, settings: Settings
) -> None:
    version = api.version()
    first = await platform.ended(await platform.export(version.id))
    assert first.result is not None
    storage = Minio(s3.url.removeprefix("http://"), S3_ACCESS_KEY, S3_SECRET_KEY, secure=False)
    storage.remove_object("resume-exports", first.result["key"])
    lost = {row.key for row in await rows(settings, RenderedDocument)}
    assert first.result["key"] in lost
    again = await platform.ended(await platform.export(version.id))
    assert again.result is not None
    assert again.result["cached"] is False
    assert first.result["key"] not in {row.key for row in await rows(settings, RenderedDocument)}
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
        ({"format": "odt"}, "The format odt is not made here."),
        ({"standard": "x-9"}, "The standard x-9 is not known here."),
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


async def test_what_takes_longer_than_people_wait_is_made_by_the_second_attempt(
    apart: tuple[Nats, Platform],
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
    api: Api,
) -> None:
    broker, platform = apart
    version = api.version(work=[{"name": f"{n}", "highlights": ["word " * 30] * 5} for n in range(120)])
    settings = processor_settings(nats_url=broker.url, interactive_timeout=0.05)
    async with start_processor(settings):
        job_id = await platform.export(version.id, priority="interactive")
        ended = await platform.ended(job_id)
    assert platform.states(job_id) == ["running", "retrying", "running", "succeeded"]
    assert ended.result is not None
    assert ended.result["pages"] > 3


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
