"""Names of links that were chosen: they outlive the link, for whoever has the address on paper."""

from typing import Any

import httpx
import pytest

from api.shares import service
from common.ids import new_id
from common.testing.issuer import Issuer

Owner = dict[str, str]


async def delete_for_good(client: httpx.AsyncClient, owner: Owner, resume: str) -> None:
    assert (await client.delete(resume, headers=owner)).status_code == 204
    gone = await client.delete(resume, params={"permanently": "true"}, headers=owner)
    assert gone.status_code == 204, gone.text


async def delete_version(client: httpx.AsyncClient, owner: Owner, share: dict[str, Any]) -> None:
    assert (await client.delete(f"/api/v1/shares/{share['id']}", headers=owner)).status_code == 204
    gone = await client.delete(f"/api/v1/versions/{share['versionId']}", headers=owner)
    assert gone.status_code == 204, gone.text


@pytest.mark.parametrize("what", ["version", "resume"])
async def test_a_chosen_slug_never_comes_to_somebody_else(
    client: httpx.AsyncClient, owner: Owner, issuer: Issuer, make_share: Any, make_resume: Any, what: str
) -> None:
    """Not even once the link is gone with the version or the resume that it shows."""
    path, slug = await make_resume(), f"ada-{new_id().hex}"
    version = (await client.post(f"{path}/versions", json={}, headers=owner)).json()["id"]
    share = await make_share(path, slug=slug, versionId=version)
    await (delete_for_good(client, owner, path) if what == "resume" else delete_version(client, owner, share))
    assert (await client.get(f"/api/v1/shares/{share['id']}", headers=owner)).status_code == 404
    other = issuer.headers("api")
    theirs = (await client.post("/api/v1/resumes", json={"title": "B"}, headers=other)).headers["location"]
    for wanted in (slug, slug.upper()):
        refused = await client.post(f"{theirs}/shares", json={"slug": wanted}, headers=other)
        assert (refused.status_code, refused.json()["code"]) == (409, "SLUG_TAKEN")
    assert (await make_share(slug=slug))["slug"] == slug


async def test_a_drawn_slug_cannot_be_chosen_by_who_knew_it(
    client: httpx.AsyncClient, owner: Owner, issuer: Issuer, make_share: Any, make_resume: Any
) -> None:
    path = await make_resume()
    share = await make_share(path)
    await delete_for_good(client, owner, path)
    other = issuer.headers("api")
    theirs = (await client.post("/api/v1/resumes", json={"title": "B"}, headers=other)).headers["location"]
    refused = await client.post(f"{theirs}/shares", json={"slug": share["slug"]}, headers=other)
    assert (refused.status_code, refused.json()["code"]) == (422, "SLUG_RESERVED")


async def test_nobody_takes_all_the_names_there_are(
    client: httpx.AsyncClient,
    owner: Owner,
    make_share: Any,
    make_resume: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "MOST_SLUGS", 2)
    path, mine = await make_resume(), [f"ada-{new_id().hex}" for _ in range(3)]
    shares = [await make_share(path, slug=slug) for slug in mine[:2]]
    await client.delete(f"/api/v1/shares/{shares[0]['id']}", headers=owner)
    refused = await client.post(f"{path}/shares", json={"slug": mine[2]}, headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (422, "TOO_MANY_SLUGS")
    assert refused.json()["errors"][0]["path"] == "$.slug"
    assert (await make_share(path, slug=mine[0]))["slug"] == mine[0]
    assert (await make_share(path))["slug"] not in mine
