"""Whatever a document says is its own text and nothing else: no markup, no style, no template, no request."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from processor_standins.engine import Engine

from processor.rendering import InvalidOption, Template, resolve_options
from processor.rendering.documents import Document
from processor.rendering.html.page import css_string, safe_link, write_page

HOSTILE = [
    '<img src="http://evil.example/x.png" onerror="alert(1)">',
    "<script>document.title = 'Hacked'</script>",
    "</style><style>@import url(http://evil.example/x.css); body { display: none }</style>",
    '"; } @page { size: A3 } body { background: url(http://evil.example/y.png) } "',
    "{{ 7*7 }} {% include '/etc/passwd' %} {{ data.__class__.__mro__ }}",
    "javascript:alert(1)",
    "</title><meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "&lt;b&gt; &amp; \\3c b\\3e <!-- x --> ]]> <svg onload=alert(1)>",
    "file:///etc/passwd",
    "data:text/html,<script>alert(1)</script>",
]


def everywhere(words: str) -> dict[str, Any]:
    """A resume that says it in each of its places."""
    return {
        "basics": {
            "name": words,
            "label": words,
            "email": words,
            "url": words,
            "summary": words,
            words: words,
        },
        "work": [{"position": words, "name": words, "startDate": words, "url": words, "highlights": [words]}],
        "skills": [{"name": words, "level": words, "keywords": [words]}],
        "references": [{"name": words, "reference": words}],
        words: [{"title": words, words: words}],
    }


# SECURITY 25
@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_add_no_tag_no_attribute_and_no_style(html_template: Template, words: str) -> None:
    """The page of hostile words has the tags, links and style of one with harmless words in the same places."""
    options = resolve_options(html_template, {})

    def skeleton(content: dict[str, Any]) -> tuple[list[str], str]:
        page = write_page(html_template, Document(content, "en", content["basics"]["name"]), options)
        style = page[page.index("<style>") : page.index("</style>")]
        tags = re.findall(r"</?[a-zA-Z][^\s>]*", re.sub(r'<(/?)span(?: class="uncut")?>', "", page))
        return sorted(set(tags)), re.sub(r"content: \".*?\";", "", style, count=1)

    assert skeleton(everywhere(words)) == skeleton(everywhere("harmless words"))
    page = write_page(html_template, Document(everywhere(words), "en", words), options)
    assert page.count("<style>") == page.count("</style>") == page.count("</title>") == 1
    assert not re.search(r'(?:href|src)="(?!https?:|mailto:|tel:|data:image/)', page)
    assert "49" not in re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", page, flags=re.DOTALL)


# SECURITY 25
async def test_hostile_words_are_printed_as_they_are_and_nothing_is_asked_for(
    engine: Engine, html_template: Template, words_of: Callable[[bytes], str]
) -> None:
    content = {
        "basics": {"name": HOSTILE[3], "summary": "Null\x00 and \u202e turned \u200b"},
        "work": [{"position": "Poet", "highlights": HOSTILE}],
    }
    pdf = await engine.pdf(html_template, content, {}, title=HOSTILE[6])
    squeezed = "".join(words_of(pdf).split())
    assert [words for words in HOSTILE if "".join(words.split()) not in squeezed] == []
    browser = engine.renderer.browser.running
    assert browser is not None
    assert not browser.refused


@pytest.mark.parametrize(
    "accent", ["red; } body { display: none", "#12345", "url(http://evil.example)", "#1234567"]
)
def test_an_option_cannot_bring_style_of_its_own(banner: Template, accent: str) -> None:
    with pytest.raises(InvalidOption, match="must be a colour"):
        resolve_options(banner, {"accent": accent})


def test_a_link_leads_to_the_web_to_mail_or_to_a_telephone_only() -> None:
    for address in ("https://e.org/x?a=1&b=2", "mailto:a@e.org", "tel:+4912345"):
        assert safe_link(address)
    for address in (
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///x",
        "https:// x",
        "//e.org",
        "https://e.org/\n",
        "",
    ):
        assert not safe_link(address)
    assert safe_link('https://e.org/"onclick="x') == "https://e.org/&#34;onclick=&#34;x"


def test_a_string_of_css_holds_any_text() -> None:
    assert css_string("Ada 1") == '"Ada 1"'
    assert css_string('"}\\\n</style>\x00é') == '"\\22 \\7d \\5c \\a \\3c \\2f style\\3e \\e9 "'
