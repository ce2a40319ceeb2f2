"""`/internal/jobs`: what staff see of the queue and do about it, through the admin service."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from processor_standins.api import Api
from processor_standins.platform import Platform, email_job, export_job
from processor_standins.queue import opened

from common.contracts.jobs import Job
from common.ids import new_id, now
from common.testing.fixtures import eventually
from common.testing.issuer import Issuer
from processor.jobs.models import QueuedJob
from processor.settings import Settings


class Staff:
    """The admin service's calls."""

    def __init__(self, client: httpx.AsyncClient, issuer: Issuer) -> None:
        self._client = client
        self._headers = issuer.service_headers("processor", client_id="admin")

    async def call(self, method: str, path: str, *, status: int = 200, **given: Any) -> Any:
        answer = await self._client.request(method, f"/internal/jobs{path}", headers=self._headers, **given)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def staff(client: httpx.AsyncClient, issuer: Issuer) -> Staff:
    return Staff(client, issuer)


async def failed_export(platform: Platform, api: Api) -> Job:
    """An export of a version that is not there: it is dead."""
    job = export_job(new_id())
    await platform.publish(job)
    assert (await platform.ended(job.id)).state == "failed"
    return job


def found_after_all(api: Api, job: Job) -> None:
    version = api.version()
    version_id = UUID(job.payload["versionId"])
    api.versions[version_id] = msgspec.structs.replace(version, id=version_id)


async def states(platform: Platform, job_id: UUID, last: str) -> list[str]:
    async def reached() -> bool:
        return platform.states(job_id)[-1:] == [last]

    await eventually(reached)
    return platform.states(job_id)


async def test_nobody_but_the_admin_service_sees_jobs(client: httpx.AsyncClient, issuer: Issuer) -> None:
    for headers, status in [
        ({}, 401),
        (issuer.headers("processor"), 403),
        (issuer.headers("processor", roles=["owner"]), 403),
        (issuer.service_headers("processor", client_id="api"), 403),
        (issuer.service_headers("api", client_id="admin"), 401),
    ]:
        for method, path in [("GET", ""), ("GET", "/counts"), ("POST", f"/{new_id()}/replay")]:
            answer = await client.request(method, f"/internal/jobs{path}", headers=headers)
            assert answer.status_code == status, (headers, path)


async def test_a_dead_job_is_replayed_once_and_succeeds(platform: Platform, api: Api, staff: Staff) -> None:
    """The same job, counted anew, for which everybody who heard that it failed hears that it goes on (RELIABILITY 5)."""
    job = await failed_export(platform, api)
    path = f"/{job.id}"
    dead = await staff.call("GET", path)
    assert (dead["state"], dead["canBeReplayed"], dead["attempt"]) == ("failed", True, 1)
    found_after_all(api, job)
    replayed = await staff.call("POST", f"{path}/replay")
    assert replayed["seq"] > dead["seq"]
    await states(platform, job.id, "succeeded")
    assert (await staff.call("POST", f"{path}/replay"))["state"] == "succeeded", "and it stays so"
    assert platform.states(job.id) == ["running", "failed", "queued", "running", "succeeded"]
    seqs = [event.seq for event in platform.events[job.id]]
    assert seqs == sorted(set(seqs))
    done = await staff.call("GET", path)
    assert (done["attempt"], done["canBeReplayed"], done["error"]) == (1, False, None)


async def test_all_dead_jobs_of_a_kind_are_replayed(platform: Platform, api: Api, staff: Staff) -> None:
    jobs = [await failed_export(platform, api) for _ in range(3)]
    mail = email_job("zoe@example.org", template="no-such")
    await platform.publish(mail)
    await platform.ended(mail.id)
    for job in jobs:
        found_after_all(api, job)
    answer = await staff.call("POST", "/replays", json={"kind": "pdf_generation"})
    assert answer["count"] >= 3
    for job in jobs:
        await states(platform, job.id, "succeeded")
    assert platform.states(mail.id)[-1] == "failed"


async def test_a_dead_job_that_is_dropped_cannot_be_replayed(
    platform: Platform, api: Api, staff: Staff, settings: Settings
) -> None:
    job = await failed_export(platform, api)
    await staff.call("DELETE", f"/{job.id}", status=204)
    await staff.call("DELETE", f"/{job.id}", status=204)
    refused = await staff.call("POST", f"/{job.id}/replay", status=409)
    assert refused["code"] == "JOB_FORGOTTEN"
    assert (await staff.call("GET", f"/{job.id}"))["state"] == "failed"
    async with opened(settings) as database, database.read() as db:
        assert await db.get(QueuedJob, job.id) is None


async def test_a_job_that_lives_is_not_dropped(platform: Platform, api: Api, staff: Staff) -> None:
    job_id = await platform.export(api.version().id)
    await platform.ended(job_id)
    assert (await staff.call("DELETE", f"/{job_id}", status=409))["code"] == "JOB_NOT_DEAD"
    assert (await staff.call("POST", f"/{job_id}/cancel", status=409))["code"] == "JOB_FINISHED"
    assert (await staff.call("POST", f"/{job_id}/retry", status=409))["code"] == "JOB_FINISHED"
    await staff.call("GET", f"/{new_id()}", status=404)


async def test_a_scheduled_job_is_listed_and_made_to_go_on_now(
    platform: Platform, api: Api, staff: Staff
) -> None:
    job = msgspec.structs.replace(
        export_job(api.version().id), run_at=now() + timedelta(hours=1), priority="bulk"
    )
    await platform.publish(job)
    await platform.has_state(job.id, "scheduled")
    query = f"?state=scheduled&kind=pdf_generation&priority=bulk&userId={job.user_id}"
    [listed] = (await staff.call("GET", query))["items"]
    assert listed["id"] == str(job.id)
    assert listed["runAt"] is not None
    await staff.call("POST", f"/{job.id}/retry")
    await platform.ended(job.id)
    assert platform.states(job.id) == ["scheduled", "queued", "running", "succeeded"]


async def test_a_scheduled_job_is_cancelled(platform: Platform, api: Api, staff: Staff) -> None:
    job = msgspec.structs.replace(export_job(api.version().id), run_at=now() + timedelta(hours=1))
    await platform.publish(job)
    await platform.has_state(job.id, "scheduled")
    for _ in range(2):
        assert (await staff.call("POST", f"/{job.id}/cancel"))["state"] == "cancelled"
    assert platform.states(job.id)[0] == "scheduled"
    await states(platform, job.id, "cancelled")


async def test_staff_learn_nothing_of_what_a_job_is_about(
    client: httpx.AsyncClient, platform: Platform, api: Api, staff: Staff, issuer: Issuer
) -> None:
    address = f"{new_id().hex}@example.org"
    mail = email_job(address, template="no-such")
    await platform.publish(mail)
    await platform.ended(mail.id)
    export_id = await platform.export(api.version().id, file_name="Application to Analytical Engines")
    await platform.ended(export_id)
    read = [await staff.call("GET", f"/{job_id}") for job_id in (mail.id, export_id)]
    text = str(read) + str(await staff.call("GET", ""))
    assert address not in text
    assert "s3cret-token" not in text
    assert "Analytical" not in text, "the name of a file is its owner's"
    assert read[1]["result"]["size"] > 0
    assert read[1]["timings"]["rendering"] > 0


async def test_lists_go_on_where_they_ended_and_counts_add_up(
    platform: Platform, api: Api, staff: Staff
) -> None:
    user_id = new_id()
    jobs = [export_job(api.version().id, user_id=user_id) for _ in range(3)]
    for job in jobs:
        await platform.publish(job)
    for job in jobs:
        await platform.ended(job.id)
    first = await staff.call("GET", f"?userId={user_id}&limit=2")
    rest = await staff.call("GET", f"?userId={user_id}&limit=2&cursor={first['nextCursor']}")
    listed = [item["id"] for item in first["items"] + rest["items"]]
    assert listed == [str(job.id) for job in reversed(jobs)]
    counts = await staff.call("GET", "/counts")
    succeeded = {row["kind"]: row["count"] for row in counts["states"] if row["state"] == "succeeded"}
    assert succeeded["pdf_generation"] >= 3


async def test_the_queue_is_on_the_metrics(
    client: httpx.AsyncClient, platform: Platform, api: Api, staff: Staff
) -> None:
    job = msgspec.structs.replace(export_job(api.version().id), run_at=now() + timedelta(hours=1))
    await platform.publish(job)
    await platform.has_state(job.id, "scheduled")

    async def shown() -> bool:
        lines = (await client.get("/metrics")).text.splitlines()
        return any(line.startswith('jobs_later{kind="pdf_generation"} ') for line in lines)

    await eventually(shown, within=12)
    await staff.call("POST", f"/{job.id}/cancel")
