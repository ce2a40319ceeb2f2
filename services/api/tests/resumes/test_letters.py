"""Cover letters: documents of the same store."""

from typing import Any

import pytest

from api.resumes.letters import EXAMPLE

PATH = "/api/v1/resumes"
Resumes = Any


async def test_a_letter_begins_empty(resumes: Resumes) -> None:
    path = await resumes.make(kind="cover-letter")
    assert await resumes.read(f"{path}/content") == {
        "basics": {},
        "recipient": {},
        "date": "",
        "subject": "",
        "salutation": "",
        "paragraphs": [],
        "closing": "",
    }


async def test_a_letter_begins_with_the_basics_that_are_given(resumes: Resumes) -> None:
    path = await resumes.make(kind="cover-letter", basics={"name": "Ada"})
    content = await resumes.read(f"{path}/content")
    assert (content["basics"], next(iter(content)), content["paragraphs"]) == ({"name": "Ada"}, "basics", [])


async def test_a_letter_is_kept_as_it_is_and_frozen_like_a_resume(resumes: Resumes) -> None:
    path = await resumes.make(kind="cover-letter", content=EXAMPLE)
    read = await resumes.call("GET", f"{path}/content")
    assert list(read.json()) == list(EXAMPLE)
    assert read.json() == EXAMPLE
    version = await resumes.done("POST", f"{path}/versions")
    assert (await resumes.read(f"/api/v1/versions/{version['id']}"))["content"] == EXAMPLE
    changed = EXAMPLE | {"paragraphs": ["One.", "Two."], "recipient": None, "mine": [1]}
    put = await resumes.done("PUT", f"{path}/content", changed)
    assert put["warnings"] == []
    assert await resumes.read(f"{path}/content") == changed


async def test_paragraphs_are_items_of_their_own(resumes: Resumes) -> None:
    path = await resumes.make(kind="cover-letter", content=EXAMPLE)
    sections = (await resumes.read(f"{path}/sections"))["items"]
    assert [section["name"] for section in sections] == ["paragraphs"]
    items = (await resumes.read(f"{path}/sections/{sections[0]['id']}/items"))["items"]
    assert [item["data"] for item in items] == EXAMPLE["paragraphs"]


@pytest.mark.parametrize(("kind", "found"), [("resume", ["A"]), ("cover-letter", ["B"])])
async def test_lists_can_be_of_one_kind(resumes: Resumes, kind: str, found: list[str]) -> None:
    await resumes.make("A")
    await resumes.make("B", kind="cover-letter")
    assert await resumes.titles(kind=kind) == found


async def test_the_shape_of_a_letter_is_described(client: Any) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    described = document["components"]["schemas"]["ResumeCreate"]
    assert "paragraphs" in described["properties"]["content"]["description"]
    assert "cover-letter" in described["properties"]["kind"]["enum"]
