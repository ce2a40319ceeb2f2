from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import nats as nats_py
import pytest
from nats.js.errors import NotFoundError

from api.app import create_app
from api.exports import service
from api.exports.service import file_name
from api.settings import Settings
from common.contracts.jobs import ExportJob, Job, run_subject
from common.ids import new_id, now
from common.testing.fixtures import eventually
from common.testing.processes import Nats
from common.testing.served import served

PATH = "/api/v1/exports"


async def queued(nats: Nats, job_id: str, *, kind: str = ExportJob.KIND) -> Job:
    """The job as the processor gets it, from the stream, whatever its priority."""
    connection = await nats_py.connect(nats.url)
    try:
        stream = connection.jetstream()

        async def find() -> Job | None:
            for subject in (run_subject(kind), run_subject(kind, "interactive")):
                with suppress(NotFoundError):
                    last = await stream.get_last_msg("JOBS", subject)
                    job = msgspec.json.decode(last.data or b"", type=Job)
                    if str(job.id) == job_id:
                        return job
            return None

        found: Job = await eventually(find)
        return found
    finally:
        await connection.close()


async def test_an_export_freezes_a_version_and_puts_a_job_on_the_queue(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, nats: Nats
) -> None:
    path = await make_resume(title="Ada: 1/2", content={"basics": {"name": "Ada"}}, template="modern")
    body = {
        "resumeId": path.rsplit("/", 1)[1],
        "format": "pdf",
        "options": {"accent": "#123456"},
        "notify": True,
    }
    headers = owner | {"X-Request-Id": "the-request-of-ada"}
    made = await client.post(PATH, json=body, headers=headers)
    assert made.status_code == 202, made.text
    read = (await client.get(made.headers["location"], headers=owner)).json()
    assert read["id"] == made.json()["exportId"]
    assert (read["status"], read["downloadUrl"], read["fileName"]) == ("queued", None, "Ada 1 2.pdf")
    job = await queued(nats, made.json()["jobId"])
    assert (job.kind, job.request_id) == (ExportJob.KIND, "the-request-of-ada")
    wanted = msgspec.convert(job.payload, ExportJob)
    assert str(wanted.version_id) == read["versionId"]
    assert (wanted.template, wanted.template_version) == ("modern", 1)
    assert (wanted.options, wanted.notify) == ({"accent": "#123456"}, True)
    version = await client.get(f"/api/v1/versions/{read['versionId']}", headers=owner)
    assert version.json()["content"] == {"basics": {"name": "Ada"}}


async def test_a_version_can_be_exported_after_the_resume_has_changed(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume(content={"work": [1]})
    version = (await client.post(f"{path}/versions", headers=owner)).json()
    await client.put(f"{path}/content", json={"work": [2]}, headers=owner)
    made = await client.post(PATH, json={"versionId": version["id"], "format": "pdf"}, headers=owner)
    read = (await client.get(made.headers["location"], headers=owner)).json()
    assert read["versionId"] == version["id"]


async def test_a_finished_export_can_be_downloaded_for_a_while(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, processor: Any
) -> None:
    export = await make_export()
    await processor.succeed(export["jobId"], 1)
    path = f"{PATH}/{export['exportId']}"

    async def downloadable() -> Any:
        return (await client.get(path, headers=owner)).json()["downloadUrl"]

    url = urlsplit(await eventually(downloadable))
    query = parse_qs(url.query)
    assert url.path == f"/resume-exports/pdfs/{export['jobId']}/ada.pdf"
    assert query["X-Amz-Expires"] == ["900"]
    assert "Ada.pdf" in query["response-content-disposition"][0]
    job = (await client.get(f"/api/v1/jobs/{export['jobId']}", headers=owner)).json()
    assert job["result"] == {"size": 1234, "cached": False}


async def test_a_failed_export_says_why(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, processor: Any
) -> None:
    export = await make_export()
    await processor.tell(export["jobId"], 1, "failed", error="The template is broken.")

    async def failed() -> Any:
        read = (await client.get(f"{PATH}/{export['exportId']}", headers=owner)).json()
        return read["status"] == "failed" and read

    read = await eventually(failed)
    assert (read["error"], read["downloadUrl"]) == ("The template is broken.", None)


async def test_exports_are_listed_newest_first(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any
) -> None:
    made = [(await make_export())["exportId"] for _ in range(3)]
    first = (await client.get(PATH, params={"limit": 2}, headers=owner)).json()
    rest = await client.get(PATH, params={"limit": 2, "cursor": first["nextCursor"]}, headers=owner)
    assert [e["id"] for e in first["items"] + rest.json()["items"]] == made[::-1]


async def test_the_same_key_exports_once(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    headers = owner | {"Idempotency-Key": new_id().hex}
    body = {"resumeId": (await make_resume()).rsplit("/", 1)[1], "format": "pdf"}
    first, again = [await client.post(PATH, json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert len((await client.get(PATH, headers=owner)).json()["items"]) == 1


@pytest.mark.parametrize(
    ("change", "status", "path"),
    [
        ({"format": "odt"}, 422, "$.format"),
        ({"format": "og-image"}, 422, "$.format"),
        ({"standard": "x-9"}, 400, "$.standard"),
        ({"runAt": "2020-01-01T00:00:00Z"}, 400, "$.runAt"),
        ({"runAt": "2199-01-01T00:00:00Z"}, 400, "$.runAt"),
        ({"runAt": "2026-12-01T00:00:00"}, 400, "$.runAt"),
        ({"format": None}, 400, "$.format"),
        ({"versionId": str(new_id())}, 400, "$"),
        ({"resumeId": None}, 400, "$"),
        ({"resumeId": "x"}, 400, "$.resumeId"),
        ({"notify": "nobody"}, 400, "$.notify"),
        ({"notify": "perhaps"}, 400, "$.notify"),
        ({"options": {"a": {}}}, 400, "$.options[...]"),
        ({"unknown": 1}, 400, "$.unknown"),
    ],
)
async def test_a_bad_export_is_named_and_leaves_nothing(
    client: httpx.AsyncClient,
    owner: dict[str, str],
    make_resume: Any,
    change: dict[str, Any],
    status: int,
    path: str,
) -> None:
    resume = await make_resume()
    body = {"resumeId": resume.rsplit("/", 1)[1], "format": "pdf"} | change
    answer = await client.post(PATH, json=body, headers=owner)
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["path"] == path
    assert (await client.get(PATH, headers=owner)).json()["items"] == []
    assert (await client.get(f"{resume}/versions", headers=owner)).json()["items"] == []


async def test_a_user_exports_thirty_times_an_hour_in_each_of_pdf_and_docx_and_more_often_in_others(
    settings: Settings, owner: dict[str, str], make_resume: Any
) -> None:
    """SECURITY 7."""
    body = {"resumeId": (await make_resume()).rsplit("/", 1)[1]}
    limits = {"EXPORT docx": {"count": 2, "window": 3600}, "EXPORT other": {"count": 3, "window": 3600}}
    async with served(create_app(msgspec.structs.replace(settings, rate_limits=limits))) as strict:

        async def asked(format: str, times: int) -> list[httpx.Response]:
            return [
                await strict.post(PATH, json=body | {"format": format}, headers=owner) for _ in range(times)
            ]

        pdfs, words = await asked("pdf", 31), await asked("docx", 3)
        others = [answer for format in ("txt", "md", "html", "yaml") for answer in await asked(format, 1)]
    assert [a.status_code for a in pdfs] == [202] * 30 + [429]
    assert pdfs[-1].json()["code"] == "RATE_LIMIT_EXCEEDED"
    assert int(pdfs[-1].headers["retry-after"]) <= 3600
    assert [a.headers["x-ratelimit-remaining"] for a in (pdfs[0], pdfs[-1])] == ["29", "0"]
    assert [a.status_code for a in words] == [202, 202, 429]
    assert [a.status_code for a in others] == [202, 202, 202, 429]
    assert [a.headers["x-ratelimit-limit"] for a in (pdfs[0], words[0], others[0])] == ["30", "2", "3"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Ada Lovelace", "Ada Lovelace.pdf"),
        ("../../etc/passwd", "etc passwd.pdf"),
        ('a"b<c>|?*', "a b c.pdf"),
        ("...", "resume.pdf"),
        ("عربية", "عربية.pdf"),
        ("x" * 200, "x" * 100 + ".pdf"),
    ],
)
def test_a_file_is_called_like_the_resume(title: str, name: str) -> None:
    assert file_name(title, "pdf") == name


@pytest.mark.parametrize(
    ("format", "name", "media_type", "kind"),
    [
        ("pdf", "Ada.pdf", "application/pdf", ExportJob.KIND),
        (
            "docx",
            "Ada.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ExportJob.OTHER_KIND,
        ),
        ("html", "Ada.html", "text/html; charset=utf-8", ExportJob.OTHER_KIND),
        ("md", "Ada.md", "text/markdown; charset=utf-8", ExportJob.OTHER_KIND),
        ("txt", "Ada.txt", "text/plain; charset=utf-8", ExportJob.OTHER_KIND),
        ("json", "Ada.json", "application/json", ExportJob.OTHER_KIND),
        ("yaml", "Ada.yaml", "application/yaml", ExportJob.OTHER_KIND),
        ("png", "Ada.zip", "application/zip", ExportJob.OTHER_KIND),
    ],
)
async def test_every_format_is_asked_for_by_its_name(
    client: httpx.AsyncClient,
    owner: dict[str, str],
    make_resume: Any,
    nats: Nats,
    format: str,
    name: str,
    media_type: str,
    kind: str,
) -> None:
    path = await make_resume(title="Ada", content={"basics": {"name": "Ada"}})
    body = {"resumeId": path.rsplit("/", 1)[1], "format": format} | (
        {"standard": "a-2"} if format == "pdf" else {}
    )
    made = await client.post(PATH, json=body, headers=owner)
    assert made.status_code == 202, made.text
    read = (await client.get(made.headers["location"], headers=owner)).json()
    assert (read["format"], read["fileName"], read["mediaType"]) == (format, name, media_type)
    assert read["standard"] == ("a-2" if format == "pdf" else None)
    assert [read[field] for field in ("pages", "size", "sha256", "runAt")] == [None] * 4
    assert read["warnings"] == []
    job = await queued(nats, made.json()["jobId"], kind=kind)
    wanted = msgspec.convert(job.payload, ExportJob)
    assert (wanted.format, wanted.file_name) == (format, name)
    assert wanted.standard == ("a-2" if format == "pdf" else "ua-1")


async def test_what_came_of_an_export_is_told_with_it(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, processor: Any
) -> None:
    export = await make_export()
    warning = {"code": "missing_glyphs", "message": "Some are missing.", "page": 2, "text": None}
    result = {
        "bucket": "resume-exports",
        "key": f"pdfs/{export['jobId']}/ada.pdf",
        "size": 1234,
        "sha256": "ab" * 32,
        "cached": False,
        "mediaType": "application/pdf",
        "pages": 3,
        "warnings": [warning],
    }
    await processor.tell(export["jobId"], 1, "succeeded", result=result)

    async def succeeded() -> Any:
        read = (await client.get(f"{PATH}/{export['exportId']}", headers=owner)).json()
        return read["status"] == "succeeded" and read

    read = await eventually(succeeded)
    assert (read["pages"], read["size"], read["sha256"]) == (3, 1234, "ab" * 32)
    assert read["warnings"] == [warning]
    job = (await client.get(f"/api/v1/jobs/{export['jobId']}", headers=owner)).json()
    assert job["result"] == {k: v for k, v in result.items() if k not in {"bucket", "key"}}


async def test_an_export_can_be_asked_for_in_advance(
    client: httpx.AsyncClient, owner: dict[str, str], make_export: Any, nats: Nats
) -> None:
    run_at = (now() + timedelta(days=29)).replace(microsecond=0)
    export = await make_export(runAt=run_at.isoformat())
    read = (await client.get(f"{PATH}/{export['exportId']}", headers=owner)).json()
    assert read["status"] == "scheduled"
    assert datetime.fromisoformat(read["runAt"]) == run_at
    assert datetime.fromisoformat(read["expiresAt"]) == run_at + timedelta(days=30)
    job = await queued(nats, export["jobId"])
    assert (job.run_at, job.priority) == (run_at, "normal")
    early = await client.delete(f"{PATH}/{export['exportId']}", headers=owner)
    assert (early.status_code, early.json()["code"]) == (409, "EXPORT_UNFINISHED")
    at_once = (await client.get(f"{PATH}/{(await make_export())['exportId']}", headers=owner)).json()
    kept = datetime.fromisoformat(at_once["expiresAt"]) - datetime.fromisoformat(at_once["createdAt"])
    assert (at_once["status"], kept) == ("queued", timedelta(days=30))


async def test_nobody_has_more_than_a_hundred_exports_unfinished_or_for_later(
    client: httpx.AsyncClient,
    owner: dict[str, str],
    make_export: Any,
    processor: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else one account could fill the queue of everybody, a month ahead."""
    assert service.MOST_UNFINISHED == 100
    monkeypatch.setattr(service, "MOST_UNFINISHED", 3)
    later = (now() + timedelta(days=20)).isoformat()
    made = [await make_export(runAt=later), await make_export(), await make_export()]
    read = (await client.get(f"{PATH}/{made[0]['exportId']}", headers=owner)).json()
    body = {"resumeId": read["resumeId"], "format": "txt"}
    for fields in ({"runAt": later}, {}):
        refused = await client.post(PATH, json=body | fields, headers=owner)
        assert (refused.status_code, refused.json()["code"]) == (409, "TOO_MANY_EXPORTS")
    await processor.tell(made[1]["jobId"], 1, "failed", error="It broke.")

    async def has_room() -> bool:
        return (await client.post(PATH, json=body, headers=owner)).status_code == 202

    await eventually(has_room)


async def test_who_asks_for_many_at_once_does_not_go_before_others(make_export: Any, nats: Nats) -> None:
    await make_export(runAt=(now() + timedelta(hours=1)).isoformat())  # nobody waits for that
    jobs = [await queued(nats, (await make_export())["jobId"]) for _ in range(6)]
    assert [job.priority for job in jobs] == ["interactive"] * 5 + ["normal"]
