"""What the page of a link says, to whom, and what it never does."""

import json
import re
from html.parser import HTMLParser
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


class Read(HTMLParser):
    """The words of a page, its headings, its links, and all of its tags and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words, self.headings = list[str](), list[tuple[str, str]]()
        self.tags = list[tuple[str, dict[str, str]]]()
        self._inside: list[str] = []
        self.feed(page)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def links(self) -> list[dict[str, str]]:
        return [given for tag, given in self.tags if tag == "a"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self._inside and "script" not in self._inside:
            self.words.append(data)
        heading = next((tag for tag in self._inside if re.fullmatch("h[1-6]", tag)), None)
        if heading and data.strip():
            self.headings.append((heading, data.strip()))


async def test_the_page_has_all_that_the_resume_shows(make_share: Any, opened: Any) -> None:
    document = json.loads((DOCUMENTS / "full.json").read_text())
    page = Read((await opened(await make_share(content=document))).text)
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
    client: httpx.AsyncClient, owner: Owner, make_share: Any, make_resume: Any, opened: Any
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
    page = Read((await opened(share)).text)
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


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<style>body{display:none}</style>",
    "<a href='javascript:alert(1)'>evil</a>", "<a href='  java\nscript:alert(1)'>evil</a>", "<a href='/auth/logout'>evil</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>evil</a>", "<p style='position:fixed;inset:0'>evil</p>",
    "<iframe src='https://evil.example'></iframe>", "<form action='https://evil.example'><input name=p></form>",
    "<base href='https://evil.example/'>", "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "\"><script>alert(1)</script>", "'><b onmouseover=alert(1)>evil</b>", "<p class=bar id=summary>evil</p>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "</script><script>alert(1)</script>",
    "{{ 7 * 7 }}", "<a href=//evil.example>evil</a>", "javascript:alert(1)", "data:text/html;base64,PHNjcmlwdD4=",
    "\u202egnp.exe", "&lt;script&gt;alert(1)&lt;/script&gt;", "https://evil.example/\"onmouseover=\"alert(1)", "vbscript:x",
    "<a href='http&#58;//x' target=_top onclick=alert(1)>evil</a>", "<link rel=stylesheet href=https://evil.example/x.css>",
]  # fmt: skip
_OURS = {"html", "head", "meta", "title", "link", "body", "nav", "a", "svg", "path", "main", "header", "h1", "h2", "h3",
         "p", "bdi", "ul", "ol", "li", "span", "section", "div", "b", "dl", "dt", "dd", "footer", "blockquote", "strong",
         "em", "i", "u", "s", "sub", "sup", "br", "code"}  # fmt: skip


async def test_nothing_in_a_resume_runs_loads_or_leads_astray(make_share: Any, opened: Any) -> None:
    # SECURITY 25
    fields = (
        "name",
        "position",
        "url",
        "location",
        "summary",
        "startDate",
        "highlights",
        "keywords",
        "<b>x</b>",
        "own",
    )
    entry = {field: HOSTILE if field in {"highlights", "keywords"} else None for field in fields}
    items = [entry | {field: text for field in fields if entry[field] is None} for text in HOSTILE]
    content = {
        "basics": {
            "name": HOSTILE[0],
            "label": HOSTILE[13],
            "email": HOSTILE[20],
            "url": HOSTILE[20],
            "phone": HOSTILE[4],
            "summary": "\n".join(HOSTILE),
            "image": "https://evil.example/x.png",
            "profiles": [{"network": text, "username": text, "url": text} for text in HOSTILE],
        },
        **dict.fromkeys(("work", "skills", "references", "own"), items),
        "word": HOSTILE,
    }
    share = await make_share(content=content, indexable=True, allowDownload=True)
    answer = await opened(share)
    page = Read(answer.text)
    scripts = [given for tag, given in page.tags if tag == "script"]
    assert scripts == [{"type": "application/ld+json"}]
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.DOTALL)
    assert found is not None
    assert "<" not in found[1]
    assert json.loads(found[1])["@type"] == "Person"
    assert {tag for tag, _ in page.tags} - _OURS == {"script"}
    for tag, given in page.tags:
        assert not {
            name for name in given if name.startswith("on") or name in {"style", "srcset", "target"}
        }, tag
        if tag not in {"link", "meta"}:
            assert "src" not in given
    ours = {f"/r/{share['slug']}/resume.pdf"}
    for link in page.links:
        if link.get("href") in ours or "href" not in link:
            continue
        assert re.match(r"(https?://[^\s\"'<>]+|mailto:|tel:)", link["href"]), link
        assert set(link["rel"].split()) >= {"noopener", "nofollow"}, link
    assert "\u202e" not in answer.text
    assert "7 * 7" in answer.text
    assert "alert(1)" not in re.sub(
        r"&lt;.*?&gt;", "", "".join(given.get("href", "") for given in page.links)
    )


async def test_harmless_markup_is_kept(make_share: Any, opened: Any) -> None:
    summary = "<p>Hello <strong>you</strong></p><ul><li><a href='https://ada.example/x'>there</a></li></ul>"
    page = (await opened(await make_share(content={"basics": {"name": "A & B", "summary": summary}}))).text
    assert "<p>Hello <strong>you</strong></p>" in page
    assert '<li><a href="https://ada.example/x" rel="noopener nofollow">there</a></li>' in page
    assert "A &amp; B" in page


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
        assert f'<meta property="og:image" content="{share["url"]}/og.png?v=' in page.text
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


async def test_ways_to_reach_the_writer_are_shown_only_if_the_link_says_so(
    client: httpx.AsyncClient, owner: Owner, make_share: Any, make_resume: Any, opened: Any
) -> None:
    content = {
        "basics": {
            "name": "Ada",
            "email": "ada@secret.example",
            "phone": "+44 20 7946 0999",
            "location": {"address": "12 Secret Square", "postalCode": "SW1Y", "city": "London"},
            "whatsApp": "+44 20 7946 0999",
            "profiles": [
                {"network": "GitHub", "username": "ada", "url": "https://github.example/ada"},
                {"network": "Mail", "username": "ada@secret.example"},
            ],
        },
        "contact": {"mobile": "+44 20 7946 0999"},
        "work": [{"name": "Engine"}],
        "meta": {"imported": {"email": "ada@secret.example"}},
    }
    path = await make_resume(content=content)
    version = (await client.post(f"{path}/versions", json={}, headers=owner)).json()["id"]
    secrets = ("secret.example", "7946", "Secret Square", "SW1Y")
    for fields in ({}, {"versionId": version}):
        open_, closed = await make_share(path, **fields), await make_share(path, showContact=False, **fields)
        shown = (await opened(open_)).text
        assert all(secret in shown for secret in secrets)
        for text in (
            (await opened(closed)).text,
            (await client.get(f"/api/v1/shared/{closed['slug']}")).text,
        ):
            assert [secret for secret in secrets if secret in text] == []
            assert all(kept in text for kept in ("London", "github.example/ada", "Engine"))


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


async def test_the_title_that_only_its_owner_knows_is_not_told(
    client: httpx.AsyncClient, make_share: Any, make_resume: Any, opened: Any
) -> None:
    path = await make_resume(title="For Acme, low offer", content={"basics": {"name": "Ada"}})
    share = await make_share(path, label="Headhunter")
    for answer in (await opened(share), await client.get(f"/api/v1/shared/{share['slug']}")):
        assert "Acme" not in answer.text
        assert "Headhunter" not in answer.text


@pytest.mark.parametrize("content", [{}, {"basics": None}, {"basics": "Just text"}, {"basics": [1], "work": [None, 1, "a", [2]],
    "skills": [{"keywords": {"a": 1}}], "x": {"y": {"z": []}}, "\u0000": [1], "n": [10**30, 0.1]}])  # fmt: skip
async def test_whatever_is_in_a_resume_can_be_shown(make_share: Any, opened: Any, content: Any) -> None:
    assert (await opened(await make_share(content=content))).status_code == 200
    assert (await opened(await make_share(content=content, showContact=False))).status_code == 200


TRANSLATIONS = ("ar", "de", "es")
_OF_READING = {
    "Experience", "Volunteering", "Education", "Awards", "Certificates", "Publications", "Skills", "Languages",
    "Interests", "References", "Projects", "Present", "Email", "Phone", "Website", "Address", "Courses", "Grade",
    "Yes", "No",
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
