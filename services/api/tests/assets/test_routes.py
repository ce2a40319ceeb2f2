"""The life of an asset, from its announcement to its end."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from pictures import encoded, opened, quarters
from PIL import Image
from uploads import announcement, download, empties, keys, send

from common.blobs import Blobs
from common.ids import new_id
from common.testing.issuer import Issuer

PATH = "/api/v1/assets"
PNG = encoded(Image.new("RGB", (700, 350), "red"), "PNG")


async def test_a_picture_is_announced_sent_and_taken_over(
    stored: httpx.AsyncClient, owner: dict[str, str], owner_id: UUID, blobs: Blobs
) -> None:
    made = await stored.post(f"{PATH}/presign", json=announcement(PNG), headers=owner)
    assert made.status_code == 201
    upload = made.json()["upload"]
    assert (upload["method"], upload["headers"]) == ("PUT", {"Content-Type": "image/png"})
    path = made.headers["location"]
    pending = (await stored.get(path, headers=owner)).json()
    assert (pending["status"], pending["size"], pending["variants"]) == ("pending", len(PNG), [])
    assert await send(upload, PNG) == 200

    ready = await stored.post(f"{path}/complete", headers=owner)
    assert ready.status_code == 200, ready.text
    variants = {variant["name"]: variant for variant in ready.json()["variants"]}
    assert {name: (v["width"], v["height"]) for name, v in variants.items()} == {
        "large": (700, 350),
        "medium": (512, 256),
        "small": (160, 80),
    }
    for variant in variants.values():
        got = await download(variant["url"])
        assert (got.status_code, len(got.content)) == (200, variant["size"])
        assert got.headers["content-disposition"].startswith("attachment;")
        assert parse_qs(urlsplit(variant["url"]).query)["X-Amz-Expires"] == ["900"]
        assert opened(got.content).size == (variant["width"], variant["height"])
    assert ready.json()["size"] == sum(v["size"] for v in variants.values())
    assert ready.json()["filename"] == "a photo.png"
    await empties(blobs, owner_id, wanted=3)  # what was uploaded is gone
    assert all(key.startswith(f"users/{owner_id}/images/") for key in await keys(blobs, owner_id))


async def test_completing_again_gives_the_same_and_does_nothing(
    stored: httpx.AsyncClient, owner: dict[str, str], owner_id: UUID, upload: Any, blobs: Blobs
) -> None:
    path = await upload(PNG)
    first = (await stored.post(f"{path}/complete", headers=owner)).json()
    before = await keys(blobs, owner_id)
    crop = {"crop": {"x": 0, "y": 0, "width": 10, "height": 10}}
    again = (await stored.post(f"{path}/complete", json=crop, headers=owner)).json()
    assert _steady(again) == _steady(first)
    assert set(await keys(blobs, owner_id)) <= set(before)


async def test_of_many_that_complete_at_once_one_does_the_work(
    stored: httpx.AsyncClient,
    twin: httpx.AsyncClient,
    owner: dict[str, str],
    owner_id: UUID,
    upload: Any,
    blobs: Blobs,
) -> None:
    path = await upload(PNG)
    answers = await asyncio.gather(
        *(replica.post(f"{path}/complete", headers=owner) for replica in (stored, twin) * 6)
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({str(_steady(answer.json())) for answer in answers}) == 1
    folders = {key.rsplit("/", 1)[0] for key in await keys(blobs, owner_id) if "/images/" in key}
    assert len(folders) == 1


async def test_a_crop_is_taken_and_a_bad_one_leaves_the_upload(
    stored: httpx.AsyncClient, owner: dict[str, str], upload: Any
) -> None:
    path = await upload(encoded(quarters(), "PNG"))
    outside = {"crop": {"x": 30, "y": 0, "width": 11, "height": 5}}
    refused = await stored.post(f"{path}/complete", json=outside, headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (422, "CROP_OUT_OF_BOUNDS")
    crop = {"crop": {"x": 20, "y": 10, "width": 20, "height": 10}}
    taken = await stored.post(f"{path}/complete", json=crop, headers=owner)
    large = taken.json()["variants"][0]
    assert (large["width"], large["height"]) == (20, 10)
    assert opened((await download(large["url"])).content).getpixel((10, 5)) == (255, 255, 255)


async def test_what_was_not_sent_cannot_be_completed_until_it_is(
    stored: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    made = (await stored.post(f"{PATH}/presign", json=announcement(PNG), headers=owner)).json()
    early = await stored.post(f"{PATH}/{made['id']}/complete", headers=owner)
    assert (early.status_code, early.json()["code"]) == (409, "NOT_UPLOADED")
    await send(made["upload"], PNG)
    assert (await stored.post(f"{PATH}/{made['id']}/complete", headers=owner)).status_code == 200


async def test_assets_are_listed_by_kind_and_resume(
    stored: httpx.AsyncClient, owner: dict[str, str], take: Any, issuer: Issuer
) -> None:
    resume = (await stored.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).json()["id"]
    picture = (await take(PNG, resumeId=resume)).json()
    text = {"kind": "document", "contentType": "text/plain", "filename": "a.txt"}
    letters = [(await take(b"Dear", **text)).json()["id"] for _ in range(2)]

    async def listed(**params: Any) -> list[str]:
        answer = await stored.get(PATH, params=params, headers=owner)
        return [item["id"] for item in answer.json()["items"]]

    assert await listed() == [*letters[::-1], picture["id"]]
    assert await listed(kind="document") == letters[::-1]
    assert await listed(resumeId=resume) == [picture["id"]]
    assert await listed(resumeId=str(new_id())) == []
    first = (await stored.get(PATH, params={"limit": 2}, headers=owner)).json()
    assert await listed(limit=2, cursor=first["nextCursor"]) == [picture["id"]]
    shown = (await stored.get(PATH, params={"kind": "image"}, headers=owner)).json()["items"][0]
    assert opened((await download(shown["thumbnailUrl"])).content).size == (160, 80)
    assert (await stored.get(PATH, headers=issuer.headers("api"))).json()["items"] == []


async def test_nobody_hangs_a_file_on_a_resume_of_somebody_else(
    stored: httpx.AsyncClient, owner: dict[str, str], issuer: Issuer
) -> None:
    resume = (await stored.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).json()["id"]
    body = announcement(PNG, resumeId=resume)
    for path in (f"{PATH}/presign", "/api/v1/resumes/presign"):
        assert (await stored.post(path, json=body, headers=issuer.headers("api"))).status_code == 404
        assert (await stored.post(path, json=body, headers=owner)).status_code == 201


async def test_the_same_key_announces_once(stored: httpx.AsyncClient, owner: dict[str, str]) -> None:
    headers = owner | {"Idempotency-Key": new_id().hex}
    first, again = [
        await stored.post(f"{PATH}/presign", json=announcement(PNG), headers=headers) for _ in range(2)
    ]
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert (await stored.get(f"{PATH}/usage", headers=owner)).json()["count"] == 1


@pytest.mark.parametrize("crop", [{"x": -1}, {"width": 0}, {"x": 1.5}, {"more": 1}, {"y": None}])
async def test_a_crop_has_four_whole_numbers(
    stored: httpx.AsyncClient, owner: dict[str, str], crop: dict[str, Any]
) -> None:
    made = (await stored.post(f"{PATH}/presign", json=announcement(PNG), headers=owner)).json()
    body = {"crop": {"x": 0, "y": 0, "width": 1, "height": 1} | crop}
    answer = await stored.post(f"{PATH}/{made['id']}/complete", json=body, headers=owner)
    assert answer.status_code == 400, answer.text


def _steady(asset: dict[str, Any]) -> dict[str, Any]:
    """`asset` without addresses that are signed anew for each answer."""
    variants = [{k: v for k, v in variant.items() if k != "url"} for variant in asset["variants"]]
    return asset | {"variants": variants, "thumbnailUrl": ""}
