from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import nats as nats_py
import pytest
from nats.js.errors import NotFoundError

from api.app import create_app
from api.exports.service import file_name
from api.settings import Settings
from common.contracts.jobs import ExportJob, Job
from common.ids import new_id
from common.testing.fixtures import eventually
from common.testing.processes import Nats
from common.testing.served import served

PATH = "/api/v1/exports"


async def queued(nats: Nats, job_id: str) -> Job:
    """The job as the processor gets it, from the stream."""
    connection = await nats_py.connect(nats.url)
    try:
        stream = connection.jetstream()

        async def find() -> Job | None:
            try:
                last = await stream.get_last_msg("JOBS", "jobs.run.pdf_generation")
            except NotFoundError:
                return None
            job = msgspec.json.decode(last.data or b"", type=Job)
            return job if str(job.id) == job_id else None

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
        ({"format": "docx"}, 422, "$.format"),
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


async def test_a_user_exports_thirty_times_an_hour(
    settings: Settings, owner: dict[str, str], make_resume: Any
) -> None:
    body = {"resumeId": (await make_resume()).rsplit("/", 1)[1], "format": "pdf"}
    async with served(create_app(msgspec.structs.replace(settings, rate_limits={}))) as strict:
        answers = [await strict.post(PATH, json=body, headers=owner) for _ in range(31)]
    assert [a.status_code for a in answers] == [202] * 30 + [429]
    assert answers[-1].json()["code"] == "RATE_LIMIT_EXCEEDED"
    assert answers[0].headers["x-ratelimit-limit"] == "30"


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
