"""Going back to a version."""

from typing import Any

import httpx
import pytest

from common.testing.issuer import Issuer

Owner = dict[str, str]
BEFORE = {
    "basics": {"name": "Ada", "label": "Analyst"},
    "work": [{"position": "Programmer", "name": "Engine"}, {"name": "Other"}],
    "meta": {"theme": "plain"},
    "skills": [{"name": "Analysis"}],
}


@pytest.fixture
async def made(client: httpx.AsyncClient, owner: Owner, make_resume: Any) -> dict[str, Any]:
    """A resume, and a version of it."""
    path = await make_resume(content=BEFORE)
    version = (await client.post(f"{path}/versions", headers=owner)).json()
    return {"path": path, "restore": f"/api/v1/versions/{version['id']}/restore", "version": version}


async def layout_of(client: httpx.AsyncClient, owner: Owner, path: str) -> Any:
    version = (await client.post(f"{path}/versions", headers=owner)).json()
    return (await client.get(f"/api/v1/versions/{version['id']}", headers=owner)).json()["layout"]


async def test_a_resume_says_and_is_laid_out_again_as_the_version_is(
    client: httpx.AsyncClient, owner: Owner, made: dict[str, Any]
) -> None:
    path = made["path"]
    before = await layout_of(client, owner, path)
    await client.put(f"{path}/content", json={"skills": [1, 2], "work": [{"name": "Other"}]}, headers=owner)
    answer = await client.post(made["restore"], headers=owner)
    assert answer.status_code == 200, answer.text
    assert (await client.get(f"{path}/content", headers=owner)).json() == BEFORE
    assert await layout_of(client, owner, path) == before
    assert answer.headers["etag"] == f'"v{answer.json()["resume"]["version"]}"'


async def test_members_keep_the_order_that_their_writer_gave_them(
    client: httpx.AsyncClient, owner: Owner, made: dict[str, Any]
) -> None:
    """A version is canonical JSON, which sorts them; what has not changed since is left as it stands."""
    path = made["path"]
    text = (await client.get(f"{path}/content", headers=owner)).text
    changed = BEFORE | {"work": [{"position": "Programmer", "name": "Engine"}, {"name": "Changed"}]}
    await client.put(f"{path}/content", json=changed, headers=owner)
    await client.post(made["restore"], headers=owner)
    assert (await client.get(f"{path}/content", headers=owner)).text == text


async def test_what_the_resume_said_until_then_is_a_version(
    client: httpx.AsyncClient, owner: Owner, made: dict[str, Any]
) -> None:
    path, present = made["path"], {"work": ["present"]}
    await client.put(f"{path}/content", json=present, headers=owner)
    restored = (await client.post(made["restore"], headers=owner)).json()
    assert restored["version"]["reason"] == "restore"
    back = await client.post(f"/api/v1/versions/{restored['version']['id']}/restore", headers=owner)
    assert back.status_code == 200
    assert (await client.get(f"{path}/content", headers=owner)).json() == present


async def test_title_language_and_settings_stay(
    client: httpx.AsyncClient, owner: Owner, made: dict[str, Any]
) -> None:
    await client.patch(made["path"], json={"title": "New", "language": "de"}, headers=owner)
    resume = (await client.post(made["restore"], headers=owner)).json()["resume"]
    assert (resume["title"], resume["language"]) == ("New", "de")


async def test_to_restore_what_it_says_changes_nothing(
    client: httpx.AsyncClient, owner: Owner, made: dict[str, Any]
) -> None:
    etag = (await client.get(made["path"], headers=owner)).headers["etag"]
    answer = await client.post(made["restore"], headers=owner)
    assert answer.headers["etag"] == etag
    assert answer.json()["version"]["id"] == made["version"]["id"]


async def test_a_restore_meant_for_another_version_of_the_resume_is_refused(
    client: httpx.AsyncClient, owner: Owner, made: dict[str, Any]
) -> None:
    await client.put(f"{made['path']}/content", json={"work": ["new"]}, headers=owner)
    answer = await client.post(made["restore"], headers=owner | {"If-Match": '"v1"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "VERSION_CONFLICT")
    assert (await client.get(f"{made['path']}/content", headers=owner)).json() == {"work": ["new"]}


async def test_a_restore_that_is_sent_again_is_done_once(
    client: httpx.AsyncClient, owner: Owner, made: dict[str, Any]
) -> None:
    key = owner | {"Idempotency-Key": "again"}
    await client.put(f"{made['path']}/content", json={"work": ["present"]}, headers=owner)
    first = await client.post(made["restore"], headers=key)
    await client.put(f"{made['path']}/content", json={"work": ["later"]}, headers=owner)
    again = await client.post(made["restore"], headers=key)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert (await client.get(f"{made['path']}/content", headers=owner)).json() == {"work": ["later"]}


async def test_nobody_restores_what_is_somebody_elses_or_in_the_trash(
    client: httpx.AsyncClient, owner: Owner, made: dict[str, Any], issuer: Issuer
) -> None:
    assert (await client.post(made["restore"], headers=issuer.headers("api"))).status_code == 404
    await client.delete(made["path"], headers=owner)
    assert (await client.post(made["restore"], headers=owner)).status_code == 404


async def test_a_version_without_layout_is_restored_by_what_it_says(
    client: httpx.AsyncClient, owner: Owner, made: dict[str, Any], bare: Any
) -> None:
    path = made["path"]
    before = await layout_of(client, owner, path)
    await bare(made["version"]["id"])
    await client.put(f"{path}/content", json=BEFORE | {"work": BEFORE["work"][:1]}, headers=owner)
    await client.post(made["restore"], headers=owner)
    assert (await client.get(f"{path}/content", headers=owner)).json() == BEFORE
    after = await layout_of(client, owner, path)
    assert [s["id"] for s in after["sections"]] == [s["id"] for s in before["sections"]]
    assert after["sections"][0]["items"][0] == before["sections"][0]["items"][0]


async def test_a_locked_resume_is_not_restored(
    client: httpx.AsyncClient, owner: Owner, made: dict[str, Any], lock: Any
) -> None:
    await lock(made["path"])
    answer = await client.post(made["restore"], headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (423, "RESUME_LOCKED")


async def test_a_restore_is_a_new_version_each_time_and_survives_an_archive(
    client: httpx.AsyncClient, owner: Owner, made: dict[str, Any]
) -> None:
    path = made["path"]
    for number in (1, 2):
        await client.put(f"{path}/content", json={"work": [f"changed {number}"]}, headers=owner)
        restored = (await client.post(made["restore"], headers=owner)).json()["restored"]
        newest = (await client.get(f"{path}/versions", headers=owner)).json()["items"][0]
        assert (restored, restored["reason"]) == (newest, "restore")
        read = (await client.get(f"/api/v1/versions/{newest['id']}", headers=owner)).json()
        assert read["content"] == BEFORE
        assert read["layout"]["restored"] == {"of": made["version"]["number"], "number": newest["number"]}
    archive = (await client.get(f"{path}/archive?versions=all", headers=owner)).json()
    body = {"format": "resumax", "document": archive}
    copy = await client.post("/api/v1/imports", json=body, headers=owner)
    assert copy.status_code == 201, copy.text
    copied = f"/api/v1/resumes/{copy.json()['resume']['id']}"
    before, after = [
        (await client.get(f"{at}/versions", headers=owner)).json()["items"] for at in (path, copied)
    ]
    assert [version["number"] for version in after] == [version["number"] for version in before]
