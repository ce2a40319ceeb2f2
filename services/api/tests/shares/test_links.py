"""Links as their owner makes, changes and ends them."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from common.ids import new_id, now
from common.schemas import rfc3339
from common.testing.issuer import Issuer

Owner = dict[str, str]


async def test_a_drawn_slug_is_long_random_and_safe_in_an_address(make_share: Any, make_resume: Any) -> None:
    path = await make_resume()
    slugs = {(await make_share(path))["slug"] for _ in range(20)}
    assert len(slugs) == 20
    assert all(len(slug) == 32 and set(slug) <= set("abcdefghijklmnopqrstuvwxyz234567") for slug in slugs)


async def test_a_link_is_read_listed_and_changed(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, make_resume: Any
) -> None:
    path = await make_resume()
    first, second = await make_share(path), await make_share(path, label="For Babbage", allowDownload=True)
    listed = (await client.get(f"{path}/shares", params={"limit": 1}, headers=owner)).json()
    assert [share["id"] for share in listed["items"]] == [second["id"]]
    rest = await client.get(f"{path}/shares", params={"cursor": listed["nextCursor"]}, headers=owner)
    assert [share["id"] for share in rest.json()["items"]] == [first["id"]]
    address = f"/api/v1/shares/{second['id']}"
    read = await client.get(address, headers=owner)
    assert (read.json(), read.headers["etag"]) == (second, '"v1"')
    assert second["url"].endswith(f"/r/{second['slug']}")
    body = {"label": None, "maxViews": 5, "indexable": True}
    changed = await client.patch(address, json=body, headers=owner | {"If-Match": '"v1"'})
    assert changed.status_code == 200
    after = changed.json()
    assert (after["label"], after["maxViews"], after["indexable"], after["version"]) == (None, 5, True, 2)
    assert after["allowDownload"] is True
    stale = await client.patch(address, json={"label": "x"}, headers=owner | {"If-Match": '"v1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION_CONFLICT")
    same = await client.patch(address, json=body, headers=owner)
    assert same.json()["version"] == 2


async def test_one_key_makes_one_link(client: httpx.AsyncClient, owner: Owner, make_resume: Any) -> None:
    path, headers = await make_resume(), owner | {"Idempotency-Key": "one"}
    first, again = [await client.post(f"{path}/shares", json={}, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_chosen_slug_is_taken_for_everybody_whatever_its_case(
    client: httpx.AsyncClient, owner: Owner, issuer: Issuer, make_share: Any, make_resume: Any, opened: Any
) -> None:
    wanted = f"Ada-{new_id().hex}"
    mine = await make_share(slug=wanted)
    assert mine["slug"] == wanted.lower()
    assert (await opened(wanted.upper())).status_code == 200
    other = issuer.headers("api")
    theirs = (await client.post("/api/v1/resumes", json={"title": "B"}, headers=other)).headers["location"]
    refused = await client.post(f"{theirs}/shares", json={"slug": wanted.lower()}, headers=other)
    assert (refused.status_code, refused.json()["code"]) == (409, "SLUG_TAKEN")
    again = await client.post(f"{await make_resume()}/shares", json={"slug": wanted}, headers=owner)
    assert again.status_code == 409
    # Not even once it is revoked, for whoever has the address still trusts it; but its owner may use it again.
    await client.delete(f"/api/v1/shares/{mine['id']}", headers=owner)
    refused = await client.post(f"{theirs}/shares", json={"slug": wanted}, headers=other)
    assert refused.status_code == 409
    new = await make_share(slug=wanted)
    assert (await opened(wanted)).status_code == 200
    old = (await client.get(f"/api/v1/shares/{mine['id']}", headers=owner)).json()
    assert (old["slug"], old["url"], new["slug"]) == (None, None, wanted.lower())


async def test_of_those_who_want_one_slug_at_once_one_gets_it(
    client: httpx.AsyncClient, replica: httpx.AsyncClient, owner: Owner, make_resume: Any
) -> None:
    path, body = await make_resume(), {"slug": f"ada-{new_id().hex}"}
    both = [client.post(f"{path}/shares", json=body, headers=owner) for _ in range(4)]
    both += [replica.post(f"{path}/shares", json=body, headers=owner) for _ in range(4)]
    answers = await asyncio.gather(*both)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"slug": "ab"}, 400), ({"slug": "a" * 65}, 400), ({"slug": "a_b"}, 400), ({"slug": "-ada"}, 400),
        ({"slug": "ada-"}, 400), ({"slug": "ada\n"}, 400), ({"slug": "ädä"}, 400), ({"slug": "Admin"}, 422),
        ({"slug": "resumax-support"}, 422), ({"password": "short"}, 400), ({"maxViews": 0}, 400),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, 400), ({"expiresAt": "2030-01-01T00:00:00"}, 400),
        ({"label": "a\u0000"}, 400), ({"nonsense": 1}, 400), ({"versionId": str(new_id())}, 404),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any, body: Any, status: int
) -> None:
    path = await make_resume()
    answer = await client.post(f"{path}/shares", json=body, headers=owner)
    assert answer.status_code == status, answer.text
    assert (await client.get(f"{path}/shares", headers=owner)).json()["items"] == []


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
async def test_a_time_that_utc_cannot_say_is_refused(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, time: str
) -> None:
    share = await make_share()
    making = client.post(
        f"/api/v1/resumes/{share['resumeId']}/shares", json={"expiresAt": time}, headers=owner
    )
    changing = client.patch(f"/api/v1/shares/{share['id']}", json={"expiresAt": time}, headers=owner)
    for answer in (await making, await changing):
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
        assert answer.json()["errors"][0]["path"] == "$.expiresAt"


async def test_a_revoked_link_stays_revoked_and_is_kept(
    client: httpx.AsyncClient, owner: Owner, make_share: Any
) -> None:
    share = await make_share()
    address = f"/api/v1/shares/{share['id']}"
    for _ in range(2):
        assert (await client.delete(address, headers=owner)).status_code == 204
    read = (await client.get(address, headers=owner)).json()
    assert (read["status"], read["version"], read["slug"]) == ("revoked", 2, share["slug"])
    refused = await client.patch(address, json={"label": "x"}, headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (409, "SHARE_REVOKED")


async def test_a_frozen_link_stays_as_it_was_and_a_live_one_follows(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, make_resume: Any, opened: Any
) -> None:
    path = await make_resume(content={"basics": {"name": "Ada Before"}})
    version = (await client.post(f"{path}/versions", json={}, headers=owner)).json()["id"]
    frozen, live = await make_share(path, versionId=version), await make_share(path)
    await client.put(f"{path}/content", json={"basics": {"name": "Ada After"}}, headers=owner)
    assert "Ada Before" in (await opened(frozen)).text
    assert "Ada After" in (await opened(live)).text
    thawed = await client.patch(f"/api/v1/shares/{frozen['id']}", json={"versionId": None}, headers=owner)
    assert thawed.json()["versionId"] is None
    assert "Ada After" in (await opened(frozen)).text


async def test_a_version_of_another_resume_is_not_shown(
    client: httpx.AsyncClient, owner: Owner, make_resume: Any
) -> None:
    one, other = await make_resume(), await make_resume()
    version = (await client.post(f"{other}/versions", json={}, headers=owner)).json()["id"]
    answer = await client.post(f"{one}/shares", json={"versionId": version}, headers=owner)
    assert (answer.status_code, answer.json()["detail"]) == (404, "Version not found")


async def test_a_version_that_a_link_shows_is_not_deleted(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, make_resume: Any
) -> None:
    path = await make_resume()
    version = (await client.post(f"{path}/versions", json={}, headers=owner)).json()["id"]
    await make_share(path, versionId=version)
    refused = await client.delete(f"/api/v1/versions/{version}", headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (409, "VERSION_NEEDED")


async def test_the_status_says_whether_a_link_works(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, opened: Any
) -> None:
    soon = rfc3339(now() + timedelta(milliseconds=300))
    expiring, bounded = await make_share(expiresAt=soon), await make_share(maxViews=1)
    assert (expiring["status"], bounded["status"]) == ("active", "active")
    await opened(bounded)
    await asyncio.sleep(0.3)
    read = [
        (await client.get(f"/api/v1/shares/{s['id']}", headers=owner)).json() for s in (expiring, bounded)
    ]
    assert [share["status"] for share in read] == ["expired", "spent"]
    assert read[1]["opens"] == 1
