"""Diffs over HTTP."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from common.testing.issuer import Issuer

Owner = dict[str, str]
BEFORE: dict[str, Any] = {
    "basics": {"name": "Ada", "summary": "Wrote the first program"},
    "work": [{"name": "Engine", "highlights": ["one", "two"]}, {"name": "Other"}],
    "meta": {"a/b": 1},
}
AFTER: dict[str, Any] = {
    "basics": {"name": "Ada", "summary": "Wrote the very first program"},
    "work": [{"name": "Other"}, {"name": "Engine", "highlights": ["one", "two", "three"]}, {"name": "New"}],
    "skills": [{"name": "Analysis"}],
}


@pytest.fixture
async def resume(client: httpx.AsyncClient, owner: Owner, make_resume: Any) -> dict[str, Any]:
    """A resume with two versions, `first` and `second`."""
    path = await make_resume(content=BEFORE)
    first = (await client.post(f"{path}/versions", headers=owner)).json()
    for document in (BEFORE | {"work": BEFORE["work"][::-1]}, AFTER):  # moved, then edited
        await client.put(f"{path}/content", json=document, headers=owner)
    second = (await client.post(f"{path}/versions", headers=owner)).json()
    return {"path": path, "first": first, "second": second}


async def diff(client: httpx.AsyncClient, owner: Owner, version: dict[str, Any], **params: Any) -> Any:
    answer = await client.get(f"/api/v1/versions/{version['id']}/diff", params=params, headers=owner)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_version_is_compared_with_the_one_before(
    client: httpx.AsyncClient, owner: Owner, resume: dict[str, Any]
) -> None:
    found = await diff(client, owner, resume["second"])
    assert (found["from"]["versionId"], found["to"]["versionId"]) == (
        resume["first"]["id"],
        resume["second"]["id"],
    )
    changes = [{k: v for k, v in c.items() if not k.endswith("Id")} for c in found["changes"]]
    assert {
        "op": "change",
        "where": "basics",
        "member": "basics",
        "path": "/summary",
        "before": "Wrote the first program",
        "after": "Wrote the very first program",
        "words": {"before": [], "after": [[10, 15]]},
    } in changes
    assert {"op": "remove", "where": "member", "member": "meta", "before": {"a/b": 1}} in changes
    assert [c["section"] for c in changes if (c["op"], c["where"]) == ("add", "section")] == ["skills"]
    in_work = [c for c in changes if c["where"] == "item" and c["section"] == "work"]
    assert {(c["op"], c.get("path"), json.dumps(c.get("after"))) for c in in_work} == {
        ("move", None, "null"),
        ("add", "/highlights/2", '"three"'),
        ("add", None, '{"name": "New"}'),
    }
    assert found["summary"] | {"items": 0} == {
        "added": 4,
        "removed": 1,
        "changed": 1,
        "moved": 1,
        "sections": 1,
        "items": 0,
    }


async def test_an_item_that_moved_is_named_by_its_id(
    client: httpx.AsyncClient, owner: Owner, resume: dict[str, Any]
) -> None:
    found = await diff(client, owner, resume["second"])
    version = (await client.get(f"/api/v1/versions/{resume['second']['id']}", headers=owner)).json()
    ids = [i["id"] for s in version["layout"]["sections"] if s["name"] == "work" for i in s["items"]]
    (moved,) = [c for c in found["changes"] if c["op"] == "move"]
    assert moved["itemId"] == ids[moved["position"]]


async def test_the_first_version_is_all_new(
    client: httpx.AsyncClient, owner: Owner, resume: dict[str, Any]
) -> None:
    found = await diff(client, owner, resume["first"])
    assert found["from"] is None
    assert {c["op"] for c in found["changes"] if c["where"] != "resume"} == {"add"}


async def test_against_current_says_what_to_restore_would_change(
    client: httpx.AsyncClient, owner: Owner, resume: dict[str, Any]
) -> None:
    found = await diff(client, owner, resume["second"], against="current")
    assert (found["from"]["versionId"], found["changes"]) == (None, [])
    await client.patch(resume["path"], json={"title": "Other"}, headers=owner)
    await client.put(f"{resume['path']}/content", json=AFTER | {"skills": []}, headers=owner)
    found = await diff(client, owner, resume["second"], against="current")
    assert [(c["op"], c["where"]) for c in found["changes"]] == [("change", "resume"), ("add", "item")]
    assert (found["changes"][0]["before"], found["changes"][0]["after"]) == ("Other", "Ada")


async def test_a_version_does_not_differ_from_itself(
    client: httpx.AsyncClient, owner: Owner, resume: dict[str, Any]
) -> None:
    found = await diff(client, owner, resume["first"], against=resume["first"]["id"])
    assert found["changes"] == []


async def test_versions_of_two_resumes_are_compared_by_what_they_say(
    client: httpx.AsyncClient, owner: Owner, resume: dict[str, Any], make_resume: Any
) -> None:
    path = await make_resume(content=BEFORE | {"work": BEFORE["work"][:1]})
    other = (await client.post(f"{path}/versions", headers=owner)).json()
    found = await diff(client, owner, other, against=resume["first"]["id"])
    assert [(c["op"], c["where"], c["before"]) for c in found["changes"]] == [
        ("remove", "item", {"name": "Other"})
    ]


async def test_a_version_without_layout_is_compared_by_what_it_says(
    client: httpx.AsyncClient, owner: Owner, resume: dict[str, Any], bare: Any
) -> None:
    await bare(resume["first"]["id"])
    found = await diff(client, owner, resume["second"])
    assert {(c["op"], c["where"]) for c in found["changes"]} >= {("change", "basics"), ("remove", "member")}
    assert {"name": "Other"} not in [c.get("after", c.get("before")) for c in found["changes"]]


async def test_numbers_keep_their_digits(client: httpx.AsyncClient, owner: Owner, make_resume: Any) -> None:
    path = await make_resume()
    versions = []
    for text in ('{"work": [1e400]}', '{"work": [0.1000000000000000000001]}'):
        await client.put(f"{path}/content", content=text, headers=owner)
        versions.append((await client.post(f"{path}/versions", headers=owner)).json())
    answer = await client.get(f"/api/v1/versions/{versions[1]['id']}/diff", headers=owner)
    assert '"before":1E+400,"after":0.1000000000000000000001' in answer.text


async def test_pages_of_a_diff_make_the_whole(
    client: httpx.AsyncClient, owner: Owner, resume: dict[str, Any]
) -> None:
    whole = await diff(client, owner, resume["second"])
    pages, cursor = [], None
    while True:
        page = await diff(client, owner, resume["second"], limit=2, **({"cursor": cursor} if cursor else {}))
        assert len(page["changes"]) <= 2
        assert page["summary"] == whole["summary"]
        pages += page["changes"]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert pages == whole["changes"]


async def test_a_page_of_what_has_changed_meanwhile_is_refused(
    client: httpx.AsyncClient, owner: Owner, resume: dict[str, Any]
) -> None:
    path = f"/api/v1/versions/{resume['first']['id']}/diff"
    params = {"against": "current", "limit": 1}
    cursor = (await client.get(path, params=params, headers=owner)).json()["nextCursor"]
    await client.put(f"{resume['path']}/content", json={"work": [{"name": "All new"}]}, headers=owner)
    answer = await client.get(path, params={**params, "cursor": cursor}, headers=owner)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "$.cursor")


@pytest.mark.parametrize(
    "params", [{"against": "nonsense"}, {"cursor": "ä"}, {"cursor": "AAAA"}, {"limit": 0}]
)
async def test_what_makes_no_sense_is_refused(
    client: httpx.AsyncClient, owner: Owner, resume: dict[str, Any], params: dict[str, Any]
) -> None:
    path = f"/api/v1/versions/{resume['first']['id']}/diff"
    assert (await client.get(path, params=params, headers=owner)).status_code == 400


async def test_nobody_compares_with_somebody_elses_version(
    client: httpx.AsyncClient, owner: Owner, resume: dict[str, Any], issuer: Issuer
) -> None:
    other = issuer.headers("api")
    path = (await client.post("/api/v1/resumes", json={"title": "x"}, headers=other)).headers["location"]
    theirs = (await client.post(f"{path}/versions", headers=other)).json()["id"]
    own = f"/api/v1/versions/{resume['first']['id']}/diff"
    for against in (theirs, str(uuid4())):
        assert (await client.get(own, params={"against": against}, headers=owner)).status_code == 404
    assert (await client.get(own, headers=other)).status_code == 404


async def test_the_largest_resume_is_compared_within_a_second(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any
) -> None:
    jobs = [{"name": f"Company {n}", "position": "Analyst", "highlights": ["built it"]} for n in range(5000)]
    path = await make_resume(content={"work": jobs})
    await client.post(f"{path}/versions", headers=owner)
    jobs = [job | {"position": f"Analyst {n}"} for n, job in enumerate(reversed(jobs))]
    await client.put(f"{path}/content", json={"work": jobs}, headers=owner)
    second = (await client.post(f"{path}/versions", headers=owner)).json()
    answer = await client.get(f"/api/v1/versions/{second['id']}/diff", params={"limit": 1000}, headers=owner)
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() < 1
    assert len(answer.json()["changes"]) == 1000
    assert len(answer.content) < 1 << 20
