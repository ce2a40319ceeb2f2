"""What of a resume reaches its page, and what never does."""

import json
import re
from typing import Any

import httpx
import pytest

Owner = dict[str, str]
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


async def test_nothing_in_a_resume_runs_loads_or_leads_astray(
    make_share: Any, opened: Any, read_page: Any
) -> None:
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
    page = read_page(answer.text)
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
