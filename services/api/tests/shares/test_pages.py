"""What the page of a link says, to whom, and what it never does."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

import api.shares
from api.shares.showing import PAGES, STYLE
from common.testing.catalogues import placeholders, texts_of

Owner = dict[str, str]
DOCUMENTS = Path(__file__).parents[1] / "documents"
FOLDER = Path(api.shares.__file__ or "").parent
BROWSER = {"User-Agent": "Mozilla/5.0 Firefox/140.0"}


async def test_the_page_has_all_that_the_resume_shows(make_share: Any, opened: Any, read_page: Any) -> None:
    document = json.loads((DOCUMENTS / "full.json").read_text())
    page = read_page((await opened(await make_share(content=document))).text)
    missing = [
        text
        for name, value in document.items()
        if name not in {"$schema", "meta"}
        for text in _texts(value)
        if not re.fullmatch(r"\d{4}(-\d\d)*|https?://.*|True|False", text) and text not in page.text
    ]
    assert missing == []
    levels = [int(tag[1]) for tag, _ in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def _texts(value: Any, name: str = "") -> list[str]:
    if isinstance(value, dict):
        return [text for key, inner in value.items() if key != "image" for text in _texts(inner, key)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner, name)]
    written = "" if value is None else str(value)
    return [" ".join(part.split()) for part in written.split("\n") if part.strip()]


async def test_titles_order_columns_and_what_is_hidden_are_as_the_writer_wants_them(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, make_resume: Any, opened: Any, read_page: Any
) -> None:
    content = {
        "basics": {"name": "Ada"},
        "skills": [{"name": "Mathematics"}, {"name": "Secret skill"}],
        "work": [{"name": "Engine"}],
        "education": [{"institution": "Hidden school"}],
        "patents": [{"title": "Loom"}],
    }
    path = await make_resume(content=content)
    sections = (await client.get(f"{path}/sections", params={"limit": 100}, headers=owner)).json()["items"]
    ids = {section["name"]: section["id"] for section in sections}
    changes = {
        "skills": {"title": "What I know", "columns": 3, "keepTogether": True},
        "education": {"visible": False},
        "work": {"pageBreakBefore": True},
    }
    for name, change in changes.items():
        answer = await client.patch(f"{path}/sections/{ids[name]}", json=change, headers=owner)
        assert answer.status_code == 200, answer.text
    items = (await client.get(f"{path}/sections/{ids['skills']}/items", headers=owner)).json()["items"]
    hidden = await client.patch(f"{path}/items/{items[1]['id']}", json={"visible": False}, headers=owner)
    assert hidden.status_code == 200, hidden.text
    share = await make_share(path)
    page = read_page((await opened(share)).text)
    assert [text for tag, text in page.headings if tag == "h2"] == ["What I know", "Experience", "Patents"]
    looks = [given["class"] for tag, given in page.tags if tag == "section"]
    assert looks == ["section terms columns-3 together", "section entries break", "section terms"]
    program = await client.get(f"/api/v1/shared/{share['slug']}")
    for said in (page.text, program.text):
        assert "Secret skill" not in said
        assert "Hidden school" not in said
    assert program.json()["content"] == {
        "basics": {"name": "Ada"},
        "skills": [{"name": "Mathematics"}],
        "work": [{"name": "Engine"}],
        "patents": [{"title": "Loom"}],
    }
    assert [section["title"] for section in program.json()["sections"]] == ["What I know", None, None]


async def test_pages_say_what_browsers_and_search_engines_may_do(
    client: httpx.AsyncClient, make_share: Any, opened: Any
) -> None:
    # SECURITY 26
    hidden, found = await make_share(), await make_share(indexable=True)
    bounded = await make_share(indexable=True, maxViews=3)
    for share, is_found in ((hidden, False), (found, True)):
        page = await opened(share)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert ("x-robots-tag" not in page.headers) == is_found
        assert ('name="robots"' not in page.text) == is_found
        assert ("ld+json" in page.text) == is_found
        assert f'<link rel="canonical" href="{share["url"]}">' in page.text
        assert f'<meta property="og:image" content="{share["url"]}/og.png">' in page.text
        assert '<meta property="og:title" content="Ada Lovelace \N{EN DASH} Analyst">' in page.text
        assert " style=" not in page.text
    page = await opened(bounded)
    assert "noindex" in page.headers["x-robots-tag"]
    assert 'name="robots"' in page.text
    assert "ld+json" not in page.text
    asked = await client.head(f"/r/{found['slug']}")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-security-policy"] == policy
    assert (await client.head("/r/nothing-here")).status_code == 404


@pytest.mark.parametrize(
    ("language", "words", "direction"),
    [("de", "Berufserfahrung", "ltr"), ("es-MX", "Experiencia", "ltr"), ("ar", "الخبرة المهنية", "rtl"),
     ("fr", "Experience", "ltr"), ("he", "Experience", "rtl"), ("en-GB", "Experience", "ltr")],
)  # fmt: skip
async def test_our_words_are_in_the_language_of_the_resume(
    make_share: Any, opened: Any, language: str, words: str, direction: str
) -> None:
    share = await make_share(language=language, allowDownload=True)
    page = (await opened(share, headers={"Accept-Language": "es"})).text
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert words in page
    is_foreign = language in {"fr", "he"}
    assert ('<nav class="bar" aria-label="Actions" lang="en" dir="ltr">' in page) == is_foreign


async def test_the_page_of_a_long_resume_weighs_less_than_50_kb(make_share: Any, opened: Any) -> None:
    sample = Path(__file__).parents[3] / "processor/src/processor/templates/kit/1/sample.json"
    document = json.loads(sample.read_text())
    document["work"] = document["work"] * 8
    page = await opened(await make_share(content=document, allowDownload=True))
    assert page.status_code == 200
    assert 10_000 < len(page.content) + len(STYLE.content) < 50_000
    assert re.findall(r'(?:src|href)="([^"#][^"]*)"', page.text.partition("<body>")[0])[1:] == [
        "data:,",
        STYLE.address,
    ]


async def test_a_page_is_made_once_for_what_it_shows(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, make_resume: Any, opened: Any
) -> None:
    path = await make_resume(content={"basics": {"name": "Ada"}})
    share = await make_share(path)
    assert [(await opened(share)).headers["x-cache"] for _ in range(3)] == ["MISS", "HIT", "HIT"]
    await client.put(f"{path}/content", json={"basics": {"name": "Grace"}}, headers=owner)
    page = await opened(share)
    assert (page.headers["x-cache"], "Grace" in page.text) == ("MISS", True)
    await client.patch(f"/api/v1/shares/{share['id']}", json={"allowDownload": True}, headers=owner)
    page = await opened(share)
    assert (page.headers["x-cache"], "Download PDF" in page.text) == ("MISS", True)


TRANSLATIONS = ("ar", "de", "es")
_OF_READING = {
    "Experience", "Volunteering", "Education", "Awards", "Certificates", "Publications", "Skills", "Languages",
    "Interests", "References", "Projects", "Present", "Email", "Phone", "Website", "Address", "Courses", "Grade",
    "Yes", "No", "Resume", "Cover letter",
}  # fmt: skip


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_text_of_the_pages_is_translated(language: str) -> None:
    texts, _ = texts_of(FOLDER)
    assert len(texts) > 25
    catalogue = PAGES.languages.catalogues[language]
    assert texts | _OF_READING == set(catalogue)
    for text, translated in catalogue.items():
        assert placeholders(text) == placeholders(translated), text
        assert not re.search(r"[<>\n]|^\s", translated), text
