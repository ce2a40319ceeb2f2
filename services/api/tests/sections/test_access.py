"""Whose parts may be edited, and when."""

from typing import Any

import httpx

from common.testing.issuer import Issuer


async def test_a_locked_resume_cannot_be_edited_in_parts(edit: Any) -> None:
    editor = await edit({"work": ["a"], "skills": []})
    item = (await editor.items("work"))[0]
    locked = await editor.client.put(f"{editor.path}/lock", json={"locked": True}, headers=editor.headers)
    assert locked.is_success, locked.text
    for method, path, body in (
        ("POST", "sections", {"kind": "new"}),
        ("PATCH", f"sections/{item['sectionId']}", {"title": "x"}),
        ("POST", f"sections/{item['sectionId']}/move", {}),
        ("DELETE", f"sections/{item['sectionId']}", None),
        ("POST", f"sections/{item['sectionId']}/items", {"data": 1}),
        ("PATCH", f"items/{item['id']}", {"data": 1}),
        ("POST", f"items/{item['id']}/move", {}),
        ("DELETE", f"items/{item['id']}", None),
    ):
        assert await editor.refused(method, path, body, status=423) == "RESUME_LOCKED"
    assert await editor.content() == {"work": ["a"], "skills": []}


async def test_parts_of_a_resume_in_the_trash_are_gone(edit: Any) -> None:
    editor = await edit({"work": ["a"]})
    item = (await editor.items("work"))[0]
    await editor.client.delete(editor.path, headers=editor.headers)
    for path in ("sections", f"sections/{item['sectionId']}", f"items/{item['id']}", "experiences"):
        await editor.call("GET", path, status=404)
    await editor.call("PATCH", f"items/{item['id']}", {"data": 1}, status=404)


async def test_parts_of_somebody_elses_resume_are_not_found_below_ones_own(
    edit: Any, client: httpx.AsyncClient, issuer: Issuer
) -> None:
    """SECURITY 22"""
    editor = await edit({"work": ["theirs"]})
    item = (await editor.items("work"))[0]
    other = issuer.headers("api")
    made = await client.post(
        "/api/v1/resumes", json={"title": "B", "content": {"work": ["b"]}}, headers=other
    )
    for resume in (made.headers["location"], editor.path):
        for method, path, body in (
            ("GET", f"items/{item['id']}", None),
            ("PATCH", f"items/{item['id']}", {"data": "mine"}),
            ("DELETE", f"items/{item['id']}", None),
            ("POST", f"items/{item['id']}/move", {}),
            ("GET", f"sections/{item['sectionId']}", None),
            ("GET", f"sections/{item['sectionId']}/items", None),
            ("POST", f"sections/{item['sectionId']}/items", {"data": "mine"}),
            ("PATCH", f"sections/{item['sectionId']}", {"title": "mine"}),
            ("POST", f"sections/{item['sectionId']}/move", {}),
            ("DELETE", f"sections/{item['sectionId']}", None),
        ):
            answer = await client.request(method, f"{resume}/{path}", json=body, headers=other)
            assert answer.status_code == 404, (method, path, answer.text)
    assert await editor.content() == {"work": ["theirs"]}
