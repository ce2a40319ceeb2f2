"""Nobody has more than their share, however many ask at once (SECURITY 24)."""

import asyncio
from typing import Any

import httpx
from pictures import encoded
from PIL import Image
from uploads import announcement

PATH = "/api/v1/assets"
PNG = encoded(Image.new("RGB", (20, 20)), "PNG")


async def usage(client: httpx.AsyncClient, owner: dict[str, str]) -> dict[str, Any]:
    return dict((await client.get(f"{PATH}/usage", headers=owner)).json())


async def test_what_somebody_has_is_told_with_the_limits(
    stored: httpx.AsyncClient, owner: dict[str, str], take: Any
) -> None:
    asset = (await take(PNG)).json()
    assert await usage(stored, owner) == {
        "bytes": asset["size"],
        "count": 1,
        "limits": {"imageSize": 2_000_000, "documentSize": 1_000_000, "totalSize": 3_000_000, "count": 8},
    }


async def test_of_many_announcements_at_once_no_more_fit_than_there_is_room_for(
    stored: httpx.AsyncClient, twin: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    async def announce(client: httpx.AsyncClient, size: int) -> int:
        body = announcement(PNG, size=size)
        answer = await client.post(f"{PATH}/presign", json=body, headers=owner)
        assert answer.status_code == 201 or answer.json()["code"] == "QUOTA_EXCEEDED"
        return answer.status_code

    answers = await asyncio.gather(*(announce(client, 1_000_000) for client in (stored, twin) * 5))
    assert sorted(answers) == [201] * 3 + [409] * 7
    assert (await usage(stored, owner))["bytes"] == 3_000_000


async def test_of_many_small_files_no_more_fit_than_are_allowed(
    stored: httpx.AsyncClient, twin: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    answers = await asyncio.gather(
        *(
            client.post(f"{PATH}/presign", json=announcement(PNG), headers=owner)
            for client in (stored, twin) * 6
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 8 + [409] * 4


async def test_a_deleted_file_makes_room(stored: httpx.AsyncClient, owner: dict[str, str]) -> None:
    body = announcement(PNG, size=2_000_000)
    made = (await stored.post(f"{PATH}/presign", json=body, headers=owner)).json()
    assert (await stored.post(f"{PATH}/presign", json=body, headers=owner)).status_code == 409
    assert (await stored.delete(f"{PATH}/{made['id']}", headers=owner)).status_code == 204
    assert (await stored.post(f"{PATH}/presign", json=body, headers=owner)).status_code == 201


async def test_a_picture_that_grows_beyond_the_room_is_refused(
    stored: httpx.AsyncClient, owner: dict[str, str], upload: Any
) -> None:
    noise = Image.merge("RGBA", [Image.effect_noise((900, 900), 90) for _ in range(4)])
    small = encoded(noise, "WEBP", quality=1, alpha_quality=1)
    assert len(small) < 500_000
    path = await upload(small, filename="a.webp", contentType="image/webp")
    filler = announcement(PNG, size=2_000_000)
    assert (await stored.post(f"{PATH}/presign", json=filler, headers=owner)).status_code == 201
    answer = await stored.post(f"{path}/complete", headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (422, "QUOTA_EXCEEDED"), answer.text
    assert (await usage(stored, owner))["bytes"] <= 3_000_000
