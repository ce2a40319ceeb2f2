"""Locks: what is finished stays as it is."""

from typing import Any

import pytest

PATH = "/api/v1/resumes"
Resumes = Any
CONTENT = {"basics": {"name": "Ada"}, "work": [{"name": "Engine"}]}


async def lock(resumes: Resumes, path: str, locked: bool = True, **headers: str) -> Any:
    return await resumes.call("PUT", f"{path}/lock", {"locked": locked}, **headers)


async def test_a_lock_is_a_version_and_the_same_again_is_none(resumes: Resumes) -> None:
    path = await resumes.make()
    first = await lock(resumes, path)
    assert (first.status_code, first.headers["etag"], first.json()["isLocked"]) == (200, '"v2"', True)
    assert (await lock(resumes, path)).headers["etag"] == '"v2"'
    assert (await resumes.read(path))["isLocked"]
    opened = await lock(resumes, path, locked=False)
    assert (opened.headers["etag"], opened.json()["isLocked"]) == ('"v3"', False)
    assert (await lock(resumes, path, locked=False)).headers["etag"] == '"v3"'


async def test_a_lock_is_for_the_version_that_was_seen(resumes: Resumes) -> None:
    path = await resumes.make()
    await resumes.done("PATCH", path, {"title": "Other"})
    assert (await lock(resumes, path, If_Match='"v1"')).status_code == 412
    assert not (await resumes.read(path))["isLocked"]
    assert (await lock(resumes, path, If_Match='"v2"')).status_code == 200


async def test_what_is_locked_refuses_every_change(resumes: Resumes) -> None:
    path = await resumes.make(content=CONTENT)
    (section,) = (await resumes.read(f"{path}/sections"))["items"]
    (item,) = (await resumes.read(f"{path}/sections/{section['id']}/items"))["items"]
    version = await resumes.done("POST", f"{path}/versions")
    await lock(resumes, path)
    before = await resumes.read(path), await resumes.read(f"{path}/content")
    changes: list[tuple[str, str, Any]] = [
        ("PATCH", path, {"title": "Other"}),
        ("PATCH", path, {"tags": ["x"]}),
        ("PATCH", path, {"settings": {"accent": "#000000"}}),
        ("PATCH", path, {"basics": None}),
        ("PUT", f"{path}/content", {"work": []}),
        ("DELETE", path, None),
        ("PATCH", f"{path}/items/{item['id']}", {"fields": {"name": "Other"}}),
        ("DELETE", f"{path}/items/{item['id']}", None),
        ("DELETE", f"{path}/sections/{section['id']}", None),
        ("POST", f"/api/v1/versions/{version['id']}/restore", None),
    ]
    for method, where, body in changes:
        refused = await resumes.call(method, where, body)
        assert (refused.status_code, refused.json()["code"]) == (423, "RESUME_LOCKED"), (method, where)
    assert (await resumes.read(path), await resumes.read(f"{path}/content")) == before
    await lock(resumes, path, locked=False)
    assert (await resumes.call("PATCH", path, {"title": "Other"})).status_code == 200


async def test_what_is_locked_can_be_read_found_frozen_exported_and_copied(resumes: Resumes) -> None:
    path = await resumes.make(content=CONTENT)
    await lock(resumes, path)
    assert await resumes.read(f"{path}/content") == CONTENT
    assert await resumes.titles(q="engine") == ["Ada"]
    assert (await resumes.call("POST", f"{path}/versions")).status_code == 201
    body = {"resumeId": path.rsplit("/", 1)[1], "format": "pdf"}
    assert (await resumes.call("POST", "/api/v1/exports", body)).status_code == 202
    copy = await resumes.done("POST", f"{path}/duplicate")
    assert not copy["isLocked"]
    assert (await resumes.call("PATCH", f"{PATH}/{copy['id']}", {"title": "Mine"})).status_code == 200


@pytest.mark.parametrize("body", [{}, {"locked": "yes"}, {"locked": None}, {"locked": True, "more": 1}, []])
async def test_a_lock_says_yes_or_no(resumes: Resumes, body: Any) -> None:
    assert (await resumes.call("PUT", f"{await resumes.make()}/lock", body)).status_code == 400
