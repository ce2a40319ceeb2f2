"""What staff see of resumes, and take down."""

from typing import Any

import httpx
import pytest

from common.testing.issuer import Issuer

Owner = dict[str, str]


@pytest.fixture
def staff(issuer: Issuer) -> dict[str, str]:
    """The headers of the admin service."""
    return issuer.service_headers("api", client_id="admin")


async def test_staff_find_resumes_by_owner_and_title(
    client: httpx.AsyncClient, staff: Owner, owner_id: Any, make_resume: Any
) -> None:
    first, second = await make_resume(title="Ärztin"), await make_resume(title="Baker")
    url = f"/internal/resumes?ownerId={owner_id}"
    page = (await client.get(f"{url}&limit=1", headers=staff)).json()
    assert [item["title"] for item in page["items"]] == ["Baker"]
    rest = (await client.get(f"{url}&limit=1&cursor={page['nextCursor']}", headers=staff)).json()
    assert [item["id"] for item in rest["items"]] == [first.rsplit("/", 1)[1]]
    found = (await client.get(f"{url}&q=arzt", headers=staff)).json()["items"]
    assert [item["title"] for item in found] == ["Ärztin"]
    assert (await client.get(f"{url}&q=%25", headers=staff)).json()["items"] == []
    assert "content" not in found[0]
    assert second.rsplit("/", 1)[1] == page["items"][0]["id"]


async def test_staff_see_what_visitors_see(
    client: httpx.AsyncClient, staff: Owner, owner: Owner, make_resume: Any
) -> None:
    path = await make_resume(content={"work": [{"name": "Shown"}], "skills": [{"name": "Hidden"}]})
    sections = (await client.get(f"{path}/sections", headers=owner)).json()["items"]
    hidden = next(section for section in sections if section["name"] == "skills")
    body = {"visible": False}
    assert (await client.patch(f"{path}/sections/{hidden['id']}", json=body, headers=owner)).is_success
    seen = await client.get(path.replace("/api/v1", "/internal"), headers=staff)
    assert seen.json()["content"] == {"work": [{"name": "Shown"}]}


async def test_what_is_taken_down_only_its_owner_sees_with_the_reason(
    client: httpx.AsyncClient, staff: Owner, owner: Owner, make_resume: Any
) -> None:
    path = await make_resume(content={"basics": {"name": "Ada"}})
    share = (await client.post(f"{path}/shares", json={}, headers=owner)).json()
    page, internal = f"/r/{share['slug']}", path.replace("/api/v1", "/internal")
    assert (await client.get(page)).status_code == 200
    body = {"isTakenDown": True, "reason": "It is about somebody else."}
    assert (await client.patch(internal, json=body, headers=staff)).status_code == 204
    assert (await client.get(page)).status_code == 404
    assert (await client.get(f"/api/v1/shared/{share['slug']}")).status_code == 404
    seen = (await client.get(path, headers=owner)).json()
    assert seen["takenDownFor"] == "It is about somebody else."
    assert seen["takenDownAt"]
    listed = (await client.get("/internal/resumes?isTakenDown=true", headers=staff)).json()["items"]
    assert seen["id"] in [item["id"] for item in listed]
    assert (await client.patch(internal, json={"isTakenDown": False}, headers=staff)).status_code == 204
    assert (await client.get(page)).status_code == 200
    assert (await client.get(path, headers=owner)).json()["takenDownAt"] is None


@pytest.mark.parametrize(("copying", "body"), [("duplicate", {}), ("variants", {"language": "de"})])
async def test_a_copy_of_what_is_taken_down_is_taken_down(
    client: httpx.AsyncClient, staff: Owner, owner: Owner, make_resume: Any, copying: str, body: Any
) -> None:
    path = await make_resume(content={"basics": {"name": "Ada"}})
    down = {"isTakenDown": True, "reason": "It is about somebody else."}
    internal = path.replace("/api/v1", "/internal")
    assert (await client.patch(internal, json=down, headers=staff)).status_code == 204
    made = await client.post(f"{path}/{copying}", json=body, headers=owner)
    assert made.status_code == 201, made.text
    copy = made.headers["location"]
    for place in (path, copy):
        seen = (await client.get(place, headers=owner)).json()
        assert (bool(seen["takenDownAt"]), seen["takenDownFor"]) == (True, down["reason"])
    share = await client.post(f"{copy}/shares", json={}, headers=owner)
    slug = share.json().get("slug", "none")
    assert (await client.get(f"/r/{slug}")).status_code == 404


async def test_what_is_not_there_cannot_be_taken_down(client: httpx.AsyncClient, staff: Owner) -> None:
    path = "/internal/resumes/01890a5d-ac96-774b-bcce-b302099a8057"
    assert (await client.get(path, headers=staff)).status_code == 404
    assert (await client.patch(path, json={"isTakenDown": True}, headers=staff)).status_code == 404
