"""The catalogue, on a service of its own: what is published changes what the others may choose."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from publishing import OPTIONS, publish

from common.testing.issuer import Issuer


async def test_before_anything_is_published_the_catalogue_is_empty_and_any_template_is_taken(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    assert (await client.get("/api/v1/templates", headers=owner)).json() == {"items": []}
    path = await make_resume(template={"id": "modern", "version": 3})
    assert (await client.get(path, headers=owner)).json()["template"] == {"id": "modern", "version": 3}


async def test_what_is_published_can_be_seen_and_chosen(
    catalogue: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    listed = (await catalogue.get("/api/v1/templates", headers=owner)).json()["items"]
    assert [(t["id"], t["version"]) for t in listed] == [("classic", 2), ("modern", 1)]
    assert listed[0]["options"] == OPTIONS
    for params, version in (({}, 2), ({"version": 1}, 1)):
        read = await catalogue.get("/api/v1/templates/classic", params=params, headers=owner)
        assert read.json()["version"] == version
    for path in ("/api/v1/templates/none", "/api/v1/templates/classic?version=9"):
        assert (await catalogue.get(path, headers=owner)).status_code == 404

    for template, chosen in (
        (None, {"id": "classic", "version": 2}),
        ("modern", {"id": "modern", "version": 1}),
        ({"id": "classic", "version": 1}, {"id": "classic", "version": 1}),
    ):
        body = {"title": "A", "template": template}
        made = await catalogue.post("/api/v1/resumes", json=body, headers=owner)
        assert made.json()["template"] == chosen

    for unknown in ("none", {"id": "classic", "version": 9}):
        body = {"title": "A", "template": unknown}
        refused = await catalogue.post("/api/v1/resumes", json=body, headers=owner)
        assert refused.status_code == 422
        assert refused.json()["code"] == "UNKNOWN_TEMPLATE"
        assert "classic, modern" in refused.json()["detail"]
        refused = await catalogue.patch(made.headers["location"], json={"template": unknown}, headers=owner)
        assert refused.status_code == 422


async def test_a_template_shows_its_versions_kinds_and_pages(
    catalogue: httpx.AsyncClient, owner: dict[str, str], issuer: Issuer
) -> None:
    keys = ["templates/letter/1/page-1.png", "templates/letter/1/page-2.png"]
    await publish(catalogue, issuer, "letter", 1, kinds=["cover-letter"], previews=keys)
    read = (await catalogue.get("/api/v1/templates/letter", headers=owner)).json()
    assert (read["kinds"], read["versions"]) == (["cover-letter"], [1])
    assert read["previews"] == [f"/api/v1/templates/letter/previews/{page}?version=1" for page in (1, 2)]
    classic = (await catalogue.get("/api/v1/templates/classic?version=1", headers=owner)).json()
    assert (classic["version"], classic["versions"]) == (1, [2, 1])
    assert (classic["kinds"], classic["previews"]) == (["resume"], [])
    for kind, ids in (("cover-letter", ["letter"]), ("resume", ["classic", "modern"]), ("nothing", [])):
        listed = await catalogue.get("/api/v1/templates", params={"kind": kind}, headers=owner)
        assert [t["id"] for t in listed.json()["items"]] == ids

    await publish(catalogue, issuer, "letter", 1, kinds=["cover-letter"])
    kept = await catalogue.get("/api/v1/templates/letter", headers=owner)
    assert len(kept.json()["previews"]) == 2, "what an earlier release does not know of stays"


async def test_a_template_for_other_kinds_of_documents_is_refused(
    catalogue: httpx.AsyncClient, owner: dict[str, str], issuer: Issuer
) -> None:
    await publish(catalogue, issuer, "letter", 1, kinds=["cover-letter"])
    refused = await catalogue.post(
        "/api/v1/resumes", json={"title": "A", "template": "letter"}, headers=owner
    )
    resume = (await catalogue.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).json()
    changed = await catalogue.patch(
        f"/api/v1/resumes/{resume['id']}", json={"template": "letter"}, headers=owner
    )
    body = {"resumeId": resume["id"], "format": "pdf", "template": "letter"}
    exported = await catalogue.post("/api/v1/exports", json=body, headers=owner)
    for answer in (refused, changed, exported):
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == "TEMPLATE_NOT_FOR_KIND"
        assert answer.json()["errors"][0]["path"] == "$.template"
        assert "cover-letter" in answer.json()["detail"]


async def test_many_are_published_at_once_or_none(
    catalogue: httpx.AsyncClient, owner: dict[str, str], issuer: Issuer
) -> None:
    services = issuer.service_headers("api", client_id="processor")
    one = {
        "version": 1,
        "engine": "typst",
        "name": "N",
        "description": "",
        "pageSizes": ["a4"],
        "options": {},
    }
    good = [{"id": name, "template": one} for name in ("first", "second")]
    for bad in ({"id": "a\x00b", "template": one}, {"id": "third", "template": {}}):
        body = {"templates": [*good, bad]}
        assert (await catalogue.put("/internal/templates", json=body, headers=services)).status_code == 400
    assert "first" not in (await catalogue.get("/api/v1/templates", headers=owner)).text
    for _ in range(2):
        told = await catalogue.put("/internal/templates", json={"templates": good}, headers=services)
        assert told.status_code == 204
    listed = (await catalogue.get("/api/v1/templates", headers=owner)).json()["items"]
    assert {"first", "second"} <= {template["id"] for template in listed}


async def test_a_private_template_is_its_uploaders_alone(
    catalogue: httpx.AsyncClient, owner: dict[str, str], owner_id: UUID, issuer: Issuer
) -> None:
    await publish(catalogue, issuer, "mine", 1, ownerId=str(owner_id))
    path, stranger = "/api/v1/templates/mine", issuer.headers("api")
    for _ in range(2):  # the second time from the cache
        assert (await catalogue.get(path, headers=owner)).json()["isPrivate"]
        assert (await catalogue.get(path, headers=stranger)).status_code == 404
        for user, seen in ((owner, True), (stranger, False)):
            listed = (await catalogue.get("/api/v1/templates", headers=user)).json()["items"]
            assert ("mine" in [template["id"] for template in listed]) is seen
    for user, status in ((owner, 201), (stranger, 422)):
        body = {"title": "A", "template": "mine"}
        answer = await catalogue.post("/api/v1/resumes", json=body, headers=user)
        assert answer.status_code == status, answer.text
        assert "mine" not in answer.json().get("detail", "").partition("There are")[2]


async def test_a_standard_is_refused_at_once_where_no_file_can_follow_it(
    catalogue: httpx.AsyncClient, owner: dict[str, str], issuer: Issuer
) -> None:
    await publish(catalogue, issuer, "printed", 1, engine="html")
    resume = (await catalogue.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).json()["id"]
    for changes in ({"format": "docx"}, {"format": "pdf", "template": "printed"}):
        body = {"resumeId": resume, "standard": "a-2"} | changes
        answer = await catalogue.post("/api/v1/exports", json=body, headers=owner)
        assert (answer.status_code, answer.json()["code"]) == (422, "UNSUPPORTED_STANDARD")
        assert answer.json()["errors"][0]["path"] == "$.standard"


async def test_a_retired_version_is_kept_by_who_has_it_and_offered_no_more(
    catalogue: httpx.AsyncClient, owner: dict[str, str], issuer: Issuer
) -> None:
    await publish(catalogue, issuer, "old", 1)
    made = await catalogue.post("/api/v1/resumes", json={"title": "A", "template": "old"}, headers=owner)
    services = issuer.service_headers("api", client_id="processor")
    for _ in range(2):
        gone = await catalogue.delete("/internal/templates/old?version=1", headers=services)
        assert gone.status_code == 204
    listed = (await catalogue.get("/api/v1/templates", headers=owner)).json()["items"]
    assert "old" not in [template["id"] for template in listed]
    read = await catalogue.get("/api/v1/templates/old", params={"version": 1}, headers=owner)
    assert read.json()["isRetired"]
    body = {"resumeId": made.json()["id"], "format": "pdf"}
    assert (await catalogue.post("/api/v1/exports", json=body, headers=owner)).status_code == 202
    again = await catalogue.post("/api/v1/resumes", json={"title": "B", "template": "old"}, headers=owner)
    assert again.status_code == 422


@pytest.mark.parametrize("name", ["UPPER", "a b", "ä", "x" * 65])
async def test_a_template_has_a_plain_id(client: httpx.AsyncClient, issuer: Issuer, name: str) -> None:
    body = {"version": 1, "engine": "typst", "name": "", "description": "", "pageSizes": [], "options": {}}
    answer = await client.put(
        f"/internal/templates/{name}", json=body, headers=issuer.service_headers("api", client_id="processor")
    )
    assert answer.status_code == 400, answer.text
