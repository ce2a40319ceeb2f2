"""A document with each type of entry that RenderCV has, and the samples that it is published with."""

from typing import Any

import httpx
import pytest
import yaml
from imports.conftest import PATH, Import, document, lost
from imports.published import published

SAMPLES = ("rendercv==2.3", "rendercv==2.8")
TOLD = ("$.design.page.size", "$.locale.language", "$.cv.sections.experience[*].end_date")
PRESENT = {"present": [""]}


def sample(package: str) -> Any:
    """The sample of a release."""
    found = yaml.load(published(package, "/sample_content.yaml"), Loader=yaml.BaseLoader)
    return found if "cv" in found else {"cv": found}


async def test_each_type_of_entry_is_imported_without_loss(import_file: Import, read_back: Import) -> None:
    text = document("rendercv.yaml")
    made = await import_file(text, format="rendercv")
    outcome = await read_back(made)
    source = yaml.load(text, Loader=yaml.BaseLoader)
    assert lost(source, [outcome, made], made["warnings"], told=TOLD) == []
    assert (made["resume"]["title"], made["resume"]["language"]) == ("Emmy Noether", "de")
    assert outcome["pageSize"] == "us-letter"
    content, rows = outcome["content"], outcome["rows"]
    assert content["basics"]["emails"] == ["noether@example.com"]
    assert content["basics"]["summary"] == "Rings and **ideals**.\n\nConservation laws."
    assert content["basics"]["profiles"][0]["url"] == "https://orcid.org/0000-0001-0002"
    assert content["work"] == [
        {
            "name": "Bryn Mawr College",
            "position": "Visiting professor",
            "startDate": "1933-10",
            "location": "Pennsylvania",
            "summary": "Taught women",
            "highlights": ["Weekly lectures", "At Princeton:\n  - The Institute"],
            "team_size": 4,
        }
    ]
    assert content["projects"][0]["name"] == "Idealtheorie"
    assert content["projects"][0]["url"] == "https://ideals.example.org"
    assert content["skills"] == [
        {"name": "Abstraction", "keywords": ["Begriffliche Mathematik", "Chain conditions"]},
        {"name": "Walking", "keywords": ["In any weather; talking all the while"]},
    ]
    assert content["walks"] == ["To the Kerstlingeröder Feld", "Around the wall"]
    assert content["mottos"] == [{"text": "All this is already in Dedekind"}]
    kinds = {name: row["kind"] for name, row in rows.items()}
    assert kinds["unpaid-years"] == kinds["work"] == "work"
    assert kinds["contributions-to-physics"] == "projects"
    assert kinds["volunteer"] == "volunteer"
    assert rows["unpaid-years"]["title"] == "Unpaid years"
    assert rows["last-things"]["title"] == "Last Things"
    assert rows["education"]["title"] is None


async def test_what_is_imported_of_looks_and_dates_is_told(import_file: Import) -> None:
    made = await import_file(document("rendercv.yaml"))
    told = {warning["path"]: warning["message"] for warning in made["warnings"]}
    assert "as it was written" in told['$.cv.sections["Unpaid years"][0].date']
    assert "numbers" in told["$.cv.sections.theorems"]
    assert told["$.design.theme"] == "Not imported: classic"
    assert "$.settings" in told


@pytest.mark.parametrize("package", SAMPLES)
async def test_published_samples_are_imported_without_loss(
    import_file: Import, read_back: Import, package: str
) -> None:
    source = sample(package)
    made = await import_file(yaml.safe_dump(source, allow_unicode=True).encode(), format="rendercv")
    assert lost(source, await read_back(made), made["warnings"], same=PRESENT) == []


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ("cv: {name: *x}", "line 1", "aliases"),
        ("cv:\n  name: &x Ada", "line 2", "anchors"),
        ("cv: !!python/object:os.system x", "line 1", "tags"),
        ("cv:\n  name: a\n  name: b", "line 3", "twice"),
        ("cv: {}\n---\ncv: {}", "line 2", "one document"),
        ("cv:\n  - [", "line 3", "node content"),
        ("cv: " + "[" * 100_000, "line 1", "64 levels"),
        ("cv: {sections: {a: b}}", "$.cv.sections.a", "Expected a list, found text"),
        ("cv: {sections: [a]}", "$.cv.sections", "Expected an object, found a list"),
        ("cv: {sections: {a: [[b]]}}", "$.cv.sections.a[0]", "Expected an entry, found a list"),
        ("cv: Ada", "$", "not rendercv"),
        ("- cv", "$", "Expected an object, found a list"),
        ("\x07", "$", "control characters"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_its_place(
    client: httpx.AsyncClient, owner: dict[str, str], text: str, path: str, says: str
) -> None:
    """Also SECURITY 24: YAML with aliases, tags or bottomless nesting costs nothing."""
    answer = await client.post(PATH, json={"format": "rendercv", "document": text}, headers=owner)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "IMPORT_UNREADABLE"
    assert answer.json()["errors"][0]["path"] == path
    assert says in answer.json()["errors"][0]["message"]
    assert answer.elapsed.total_seconds() < 1
