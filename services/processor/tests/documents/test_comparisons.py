"""What another look of a document would change, page by page."""

import base64
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from common.testing.issuer import Issuer
from processor.documents.comparisons import compared

PATH = "/render/v1/comparisons"
CONTENT = {"basics": {"name": "Ada Lovelace"}, "skills": [{"name": "Analysis", "keywords": ["Numbers"]}]}
LONG = {**CONTENT, "work": [{"name": f"House {n}", "highlights": ["Work " * 40] * 5} for n in range(12)]}


@pytest.fixture
def compare(client: httpx.AsyncClient, issuer: Issuer) -> Any:
    async def ask(content: Any, before: Any, after: Any) -> httpx.Response:
        body = {"content": content, "before": before, "after": after}
        return await client.post(PATH, json=body, headers=issuer.headers("processor"))

    return ask


def picture(encoded: str) -> Image.Image:
    return Image.open(BytesIO(base64.b64decode(encoded)))


async def test_the_same_look_changes_nothing(compare: Any) -> None:
    look = {"template": "classic", "templateVersion": 1}
    found = (await compare(CONTENT, look, look)).json()
    assert found["difference"] == 0
    assert [page["marked"] for page in found["pages"]] == [None]


async def test_a_newer_version_shows_what_it_changes_on_each_page(compare: Any) -> None:
    found = (
        await compare(LONG, {"template": "classic", "templateVersion": 1}, {"template": "classic"})
    ).json()
    assert 0 < found["difference"] <= 1
    page = found["pages"][0]
    assert 0 < page["difference"] < 0.5
    assert picture(page["before"]).size == picture(page["after"]).size == picture(page["marked"]).size
    colours = {colour for _, colour in picture(page["marked"]).convert("RGB").getcolors(1 << 20) or ()}
    assert (220, 30, 30) in colours


async def test_pages_that_only_one_look_has_are_shown_as_such(compare: Any) -> None:
    small = {"template": "classic", "options": {"size": 8}}
    found = (await compare(LONG, small, {"template": "classic", "options": {"size": 13}})).json()
    last = found["pages"][-1]
    assert (last["before"], last["difference"]) == (None, 1)
    assert last["after"] is not None


async def test_a_look_that_there_is_not_is_refused_with_its_place(compare: Any) -> None:
    for look in ({"template": "nothing"}, {"template": "classic", "templateVersion": 99}):
        answer = await compare(CONTENT, {"template": "classic"}, look)
        assert (answer.status_code, answer.json()["code"]) == (422, "NOT_RENDERABLE")


def test_the_difference_is_the_share_of_changed_pixels() -> None:
    def page(box: tuple[int, int, int, int] | None, shade: int = 0) -> bytes:
        made, file = Image.new("RGB", (100, 100), "white"), BytesIO()
        if box:
            made.paste((shade, shade, shade), box)
        made.save(file, "PNG")
        return file.getvalue()

    assert compared([page(None)], [page((0, 0, 10, 10))])[0].difference == 0.01
    assert compared([page(None)], [page((0, 0, 10, 10), shade=240)])[0].difference == 0, (
        "a shade is no change"
    )
    assert [one.difference for one in compared([page(None)], [page(None), page(None)])] == [0, 1]
