"""HTML: one file that loads nothing and runs nothing, with a structure that screen readers tell."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from processor_standins.readers import Page

from processor.formats.colours import readable
from processor.rendering.contrast import contrast
from processor.rendering.documents import LETTER, Photo

Write = Callable[..., bytes]
HOSTILE = '</p><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}{% raw %}&lt;b&gt;"\' onclick="x'


def page(data: bytes) -> Page:
    return Page(data.decode())


def test_the_parts_of_a_resume_are_the_elements_that_mean_them(
    write: Write, document: Callable[[str], dict[str, Any]]
) -> None:
    found = page(write("html", document("complete"), title="My resume", language="en-GB"))
    tags = [tag for tag, _ in found.elements]
    assert next(found.named("html")) == {"lang": "en-GB", "dir": "ltr"}
    assert found.title == "My resume"
    assert [tags.count(tag) for tag in ("header", "main", "h1")] == [1, 1, 1]
    assert tags.count("section") == tags.count("h2") > 8
    headings = {attributes["id"] for attributes in found.named("h2")}
    assert {attributes["aria-labelledby"] for attributes in found.named("section")} == headings
    assert {"article", "ul", "li", "address", "blockquote", "time", "h3"} <= set(tags)
    assert [attributes["datetime"] for attributes in found.named("time")][:3] == [
        "2019-05-01",
        "2012",
        "2019-04",
    ]


def test_the_page_loads_nothing_and_runs_nothing(write: Write, document: Callable[[str], Any]) -> None:
    data = write("html", document("complete")).decode()
    found = Page(data)
    assert {"script", "link", "img", "iframe", "object", "form"}.isdisjoint(tag for tag, _ in found.elements)
    assert not [a for _, attributes in found.elements for a in attributes if a.startswith("on") or a == "src"]
    policy = {a.get("http-equiv"): a.get("content") for a in found.named("meta")}
    assert policy["Content-Security-Policy"] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    [style] = re.findall(r"<style>(.*?)</style>", data, re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style


def test_words_of_the_content_are_only_words(write: Write) -> None:
    content = {
        "basics": {
            "name": HOSTILE,
            "summary": HOSTILE,
            "url": f"https://x.example/{HOSTILE}",
            HOSTILE: HOSTILE,
        },
        "work": [{"name": HOSTILE, "url": "javascript:alert(1)", "highlights": [HOSTILE]}],
        HOSTILE: [{HOSTILE: HOSTILE}],
    }
    plain = page(write("html", {"basics": {"name": "x", "summary": "x"}, "work": [{"name": "x"}]}))
    found = page(write("html", content, title=HOSTILE))
    assert {tag for tag, _ in found.elements} - {tag for tag, _ in plain.elements} <= {
        "address", "ul", "li", "a", "bdi", "span", "strong",
    }  # fmt: skip
    assert HOSTILE in "".join(found.texts)
    assert found.title == HOSTILE
    assert "".join(found.texts).count("{{ 7*7 }}") >= 5
    assert all(a["href"] and a["href"].startswith(("https://", "mailto:", "tel:")) for a in found.named("a"))


def test_a_page_in_arabic_reads_from_right_to_left_and_addresses_from_left(
    write: Write, document: Callable[[str], Any]
) -> None:
    found = page(write("html", document("arabic"), language="ar"))
    assert next(found.named("html")) == {"lang": "ar", "dir": "rtl"}
    assert {a["dir"] for a in found.named("a")} == {"ltr"}
    turned = page(write("html", document("arabic"), {"direction": "ltr"}, language="ar"))
    assert next(turned.named("html"))["dir"] == "ltr"


def test_a_photo_is_within_the_page_and_only_where_it_is_wanted(write: Write) -> None:
    picture = Photo(b"\xff\xd8\xff\xe0 of Zo\xc3\xab", 300, 400)
    content = {"basics": {"name": "Zoë"}}
    [image] = page(write("html", content, {"photo": "circle"}, photo=picture)).named("img")
    assert image == {
        "class": "photo circle",
        "src": f"data:image/jpeg;base64,{base64.b64encode(picture.data).decode()}",
        "alt": "Photo: Zoë",
        "width": "300",
        "height": "400",
    }
    for options in ({}, {"photo": "none"}):
        assert list(page(write("html", content, options, photo=picture)).named("img")) == []


def test_a_letter_is_one_article(write: Write, letter: dict[str, Any]) -> None:
    tags = [tag for tag, _ in page(write("html", letter, kind=LETTER, title="")).elements]
    assert tags.count("article") == 1
    assert tags.count("br") == 5
    assert "section" not in tags


@pytest.mark.parametrize("accent", ["#ffffff", "#000000", "#ffee88", "#1f4e79", "#123456", "#ff0000"])
@pytest.mark.parametrize("ground", ["#ffffff", "#16181d"])
def test_headings_can_be_read_whatever_the_accent_is(accent: str, ground: str) -> None:
    assert contrast(readable(accent, on=ground), ground) >= 4.5
    if contrast(accent, ground) >= 4.5:
        assert readable(accent, on=ground) == accent


def test_signs_stay_behind_their_word_where_lines_run_from_right_to_left(write: Write) -> None:
    content = {
        "basics": {"name": "كريم", "summary": "خبرة في C++ وC#."},
        "skills": [{"name": "لغات", "keywords": ["C++", "بايثون"]}],
    }
    data = write("html", content, language="ar").decode()
    assert "خبرة في <bdi>C++</bdi> وC#." in data or "خبرة في <bdi>C++</bdi> و<bdi>C#</bdi>." in data
    assert "<bdi>C++</bdi>، <bdi>بايثون</bdi>" in data
    assert "<bdi>C++" not in write("html", content, language="en").decode()
